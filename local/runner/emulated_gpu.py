"""Stands for the GPU of a serving host that has one, on a machine that has none.

`install()` is called before an image's program. ONNX Runtime then offers CUDA, says of a session that was asked for it that
it uses it, and computes on the CPU. What a real host decides (whether the driver fits, whether the libraries load) the local
cloud has decided before the container starts; this only keeps a program that asks for its GPU from stopping.
"""

import importlib.abc
import importlib.util
import sys

CUDA = "CUDAExecutionProvider"


def install():
    """Wait for somebody to import ONNX Runtime: most verbs never do, and importing it here would come before the program's own settings."""
    sys.meta_path.insert(0, _Finder())


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name != "onnxruntime":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None:
            return None
        execute = spec.loader.exec_module

        def emulated(module):
            execute(module)
            _emulate(module)

        spec.loader.exec_module = emulated
        return spec


def _emulate(module):
    real, available = module.InferenceSession, module.get_available_providers

    class InferenceSession(real):
        def __init__(self, model, sess_options=None, providers=None, *rest, **named):
            self._on_gpu = CUDA in [one if isinstance(one, str) else one[0] for one in providers or []]
            super().__init__(model, sess_options, *rest, providers=["CPUExecutionProvider"], **named)

        def get_providers(self):
            return [CUDA, "CPUExecutionProvider"] if self._on_gpu else super().get_providers()

    print("This host's GPU is emulated by the local cloud: what CUDA would compute, the CPU does.", flush=True)
    module.InferenceSession = InferenceSession
    module.get_available_providers = lambda: [CUDA, *(name for name in available() if name != CUDA)]
