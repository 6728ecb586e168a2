"""The hosting container: /ping and /invocations over ONNX Runtime."""
