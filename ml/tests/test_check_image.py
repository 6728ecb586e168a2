"""The check that ends the image build is seen to fail: on two owners of a folder, on builds for another CUDA."""

import importlib.util
import sys
import types
from importlib import metadata
from pathlib import Path

import pytest
from conftest import ROOT

specification = importlib.util.spec_from_file_location("check_image", ROOT / "check_image.py")
assert specification and specification.loader
check_image = importlib.util.module_from_spec(specification)
specification.loader.exec_module(check_image)

GPU, CPU = "onnxruntime-gpu", "onnxruntime"
FILES = ("onnxruntime/__init__.py", "onnxruntime/capi/_pybind_state.py")


class Environment:
    """Distributions that lie in a folder of their own, and the modules that they bring."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.monkeypatch = folder, monkeypatch
        monkeypatch.setattr(check_image, "MODULES", ("onnxruntime", "torch"))
        monkeypatch.setattr(
            metadata, "distributions", lambda **_: iter(metadata.MetadataPathFinder.find_distributions(self.context()))
        )
        self.module("torch", version=types.SimpleNamespace(cuda="13.0"))
        self.lock(f"{GPU}==1.31.1")

    def context(self) -> metadata.DistributionFinder.Context:
        return metadata.DistributionFinder.Context(path=[str(self.folder)])

    def install(self, name: str, version: str, *files: str) -> None:
        info = self.folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))

    def module(self, name: str, **members: object) -> None:
        module = types.ModuleType(name)
        module.__dict__.update(members)
        self.monkeypatch.setitem(sys.modules, name, module)

    def onnxruntime(self, version: str, providers: list[str], **members: object) -> None:
        self.module(
            "onnxruntime", __version__=version, get_available_providers=lambda: providers,
            get_build_info=lambda: "ORT Build Info: CPU", **members,
        )  # fmt: skip

    def lock(self, *lines: str) -> None:
        (self.folder / "requirements.lock").write_text("".join(f"{line} \\\n    --hash=sha256:0\n" for line in lines))

    def check(self) -> int:
        return int(check_image.main(self.folder / "requirements.lock"))


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """An image in which all is well."""
    made = Environment(tmp_path, monkeypatch)
    made.install(GPU, "1.31.1", *FILES, "onnxruntime/__pycache__/__init__.pyc", "../../bin/tool")
    made.onnxruntime("1.31.1", ["CUDAExecutionProvider", "CPUExecutionProvider"], cuda_version="13.0")
    return made


def test_an_image_in_which_all_is_well_passes(image: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    assert image.check() == 0
    assert capsys.readouterr().out == "1 pinned packages, 2 modules, built for CUDA 13\n"


def test_two_owners_of_a_folder_fail_the_build(image: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    image.install(CPU, "1.24.4", *FILES)
    assert image.check() == 1
    said = capsys.readouterr().err
    assert f"error: {CPU} and {GPU} own 2 files together: onnxruntime/__init__.py" in said
    assert f"error: onnxruntime comes from {CPU} and {GPU}, not {GPU} alone" in said


def test_two_owners_of_what_is_not_ours_are_the_base_images_business(image: Environment) -> None:
    image.install("one", "1", "shared/file.py")
    image.install("two", "1", "shared/file.py")
    assert image.check() == 0


def test_a_cpu_build_of_onnxruntime_fails_the_build(image: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    image.onnxruntime("1.31.1", ["CPUExecutionProvider"])
    assert image.check() == 1
    said = capsys.readouterr().err
    assert "error: ONNX Runtime is built without CUDA: ORT Build Info: CPU" in said
    assert "error: ONNX Runtime is built for CUDA none, not 13" in said


def test_a_build_for_another_cuda_fails_the_build(image: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    image.module("torch", version=types.SimpleNamespace(cuda="12.8"))
    assert image.check() == 1
    assert capsys.readouterr().err == "error: PyTorch is built for CUDA 12.8, not 13\n"


def test_a_module_of_another_version_than_its_metadata_fails_the_build(
    image: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    image.onnxruntime("1.24.4", ["CUDAExecutionProvider"], cuda_version="13.0")
    assert image.check() == 1
    assert capsys.readouterr().err == "error: the module onnxruntime is 1.24.4, not 1.31.1\n"


def test_what_is_missing_or_of_another_version_is_named(image: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    image.lock(f"{GPU}==1.31.2", "onnx==1.21.0")
    assert image.check() == 1
    said = capsys.readouterr().err
    assert f"error: {GPU} is 1.31.1, not 1.31.2" in said
    assert "error: onnx is missing, not 1.21.0" in said


def test_a_module_that_cannot_be_imported_is_named(image: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    image.monkeypatch.setitem(sys.modules, "torch", None)
    assert image.check() == 1
    assert "error: import torch: ModuleNotFoundError" in capsys.readouterr().err
