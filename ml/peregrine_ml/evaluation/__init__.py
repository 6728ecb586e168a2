"""Scoring a model as it will be served: the same ONNX Runtime path, COCO's metrics, slices, the champion beside it."""
