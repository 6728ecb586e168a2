"""A GPU that is demanded must be used, and one that is broken must be noticed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import onnxruntime
import pytest
from conftest import ISOLATED
from test_serving import call, encoded, free_port

from peregrine_ml import gpu, modelfile, versions
from peregrine_ml.detector import Detector
from peregrine_ml.errors import InputError
from peregrine_ml.serving.server import Server

BUILT = [gpu.PROVIDER, "CPUExecutionProvider"]


@pytest.fixture(autouse=True)
def no_gpu_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test says itself which devices there are."""
    devices = tmp_path / "dev"
    devices.mkdir()
    monkeypatch.setattr(gpu, "DEVICES", devices)
    for name in (gpu.VARIABLE, "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"):
        monkeypatch.delenv(name, raising=False)
    return devices


def cuda_error(text: str = "CUDA failure 700: an illegal memory access was encountered ; GPU=0") -> Exception:
    """As ONNX Runtime raises it: its classes share no base, only the module."""
    kind = type("Fail", (RuntimeError,), {"__module__": "onnxruntime.capi.onnxruntime_pybind11_state"})
    return kind(f"[ONNXRuntimeError] : 1 : FAIL : {text}\n more")


def test_without_a_demand_the_cpu_will_do(model_folder: Path) -> None:
    assert Detector(modelfile.load(model_folder)).provider == "CPUExecutionProvider"


def test_a_demanded_gpu_that_the_build_does_not_know_is_missing(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(gpu.VARIABLE, "1")
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(gpu.Missing, match=r"PEREGRINE_REQUIRE_GPU=1.*CPUExecutionProvider: .*without CUDA"):
        Detector(modelfile.load(model_folder))


def test_a_session_that_went_to_the_cpu_although_a_gpu_is_there_is_refused(
    model_folder: Path, no_gpu_here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (no_gpu_here / "nvidia0").touch()
    # What a build for CUDA says whose libraries or driver do not fit: available, and not in use.
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: BUILT)
    inner = onnxruntime.InferenceSession

    def session(onnx: bytes, options: Any, providers: list[str]) -> Any:
        assert providers == BUILT
        return inner(onnx, options, providers=["CPUExecutionProvider"])

    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    with pytest.raises(gpu.Missing, match=r"nvidia0 is there.*driver or libraries do not fit"):
        Detector(modelfile.load(model_folder))


def test_a_fault_of_the_gpu_never_moves_a_session_to_the_cpu(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    inner = onnxruntime.InferenceSession.disable_fallback
    monkeypatch.setattr(
        onnxruntime.InferenceSession, "disable_fallback", lambda self: (asked.append("off"), inner(self))[1]
    )
    Detector(modelfile.load(model_folder))
    assert asked == ["off"]


def test_a_gpu_that_fails_at_the_first_inference_is_broken(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise cuda_error("CUDA failure 209: no kernel image is available for execution on the device")

    monkeypatch.setattr(onnxruntime.InferenceSession, "run", fail)
    with pytest.raises(gpu.Broken, match="no kernel image"):
        Detector(modelfile.load(model_folder))


@pytest.mark.parametrize(
    ("variables", "devices", "available", "why"),
    [
        ({}, ["nvidia0"], BUILT, "nvidia0 is there"),
        ({}, ["nvidia3", "nvidiactl"], BUILT, "nvidia3 is there"),
        ({}, ["nvidiactl", "nvidia-uvm"], BUILT, ""),
        ({}, ["nvidia0"], ["CPUExecutionProvider"], ""),
        ({"NVIDIA_VISIBLE_DEVICES": "void"}, ["nvidia0"], BUILT, ""),
        ({"CUDA_VISIBLE_DEVICES": "-1"}, ["nvidia0"], BUILT, ""),
        ({gpu.VARIABLE: "0"}, [], BUILT, ""),
        ({gpu.VARIABLE: "1"}, [], ["CPUExecutionProvider"], "PEREGRINE_REQUIRE_GPU=1"),
    ],
)
def test_who_demands_a_gpu(
    variables: dict[str, str], devices: list[str], available: list[str], why: str, no_gpu_here: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for name in devices:
        (no_gpu_here / name).touch()
    assert gpu.demanded(available).endswith(why) and bool(gpu.demanded(available)) == bool(why)


def test_another_value_of_the_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(gpu.VARIABLE, "yes")
    with pytest.raises(InputError, match="'yes' is neither 0 nor 1"):
        gpu.demanded(BUILT)


def test_only_onnx_runtimes_own_errors_about_cuda_are_faults_of_the_gpu() -> None:
    assert gpu.is_fault(cuda_error()) and gpu.is_fault(cuda_error("CUBLAS failure 13"))
    assert not gpu.is_fault(cuda_error("Non-zero status code while running Concat"))
    assert not gpu.is_fault(ValueError("a file called CUDA.png"))


def test_a_server_without_the_gpu_it_must_have_listens_and_says_why(model_folder: Path) -> None:
    port = free_port()
    settings = {
        "SM_MODEL_DIR": str(model_folder), "SAGEMAKER_BIND_TO_PORT": str(port), "PEREGRINE_BIND_HOST": "127.0.0.1",
        gpu.VARIABLE: "1",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, *ISOLATED, "serve"], env={**os.environ, **settings}, text=True, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout
        line = json.loads(process.stdout.readline())
        assert line["event"] == "not ready" and "A GPU is demanded (PEREGRINE_REQUIRE_GPU=1)" in line["reason"]
        time.sleep(0.1)
        for method, path in (("GET", "/ping"), ("POST", "/invocations")):
            status, body = call(port, method, path, b"" if method == "GET" else encoded())
            assert status == 503 and json.loads(body) == {"error": {"code": "NoGpu", "message": line["reason"]}}
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()


def test_a_gpu_that_fails_again_and_again_makes_the_server_unhealthy_until_it_answers(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = Detector(modelfile.load(model_folder))
    server = Server()
    server._detector = detector

    async def ask(path: str, method: str = "POST") -> tuple[int, dict[str, Any] | None]:
        return await server._route(method, path, {"content-type": "image/png"}, encoded())

    async def story() -> None:
        assert await ask("/ping", "GET") == (200, {"provider": "CPUExecutionProvider"})
        assert await ask("/ping", "HEAD") == (200, None)
        working = detector.detect
        for error in (ValueError("not the GPU's"), *[cuda_error()] * (gpu.LASTING - 1)):
            monkeypatch.setattr(detector, "detect", _raising(error))
            assert (await ask("/invocations"))[0] == 500
        assert (await ask("/ping", "GET"))[0] == 200
        assert (await ask("/invocations"))[0] == 500
        status, document = await ask("/ping", "GET")
        assert status == 503 and document is not None and "CUDA failure 700" in document["error"]["message"]
        monkeypatch.setattr(detector, "detect", working)
        assert (await ask("/invocations"))[0] == 200
        assert (await ask("/ping", "GET"))[0] == 200

    asyncio.run(story())


def _raising(error: Exception) -> Any:
    def detect(*_: Any) -> None:
        raise error

    return detect


def test_versions_are_the_modules_own_whatever_the_packages_metadata_says(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.metadata

    monkeypatch.setattr(importlib.metadata, "version", lambda _name: "1.24.4")
    # The image's package is called onnxruntime-gpu: there is no metadata of the name onnxruntime at all.
    monkeypatch.setitem(sys.modules, "onnxruntime", SimpleNamespace(__version__="1.31.1", cuda_version="13.0"))
    assert versions.of(("onnxruntime",)) == {"onnxruntime": "1.31.1", "onnxruntime_cuda": "13.0"}
