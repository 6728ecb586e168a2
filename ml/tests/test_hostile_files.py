"""Files that somebody else may have written: refused with a sentence, and nothing in them is executed."""

import io
import json
import os
import tarfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from conftest import ROOT, write_model

from peregrine_ml import modelfile, prepare
from peregrine_ml.detector import Detector
from peregrine_ml.errors import InputError
from peregrine_ml.flights import digest
from peregrine_ml.training import convert, export, fit, hyperparameters, train, weights
from peregrine_ml.training.checkpoints import Checkpoints, State

BASE = ROOT / "base-weights" / "yolo11n-aerial.pt"


class Bomb:
    """Whoever unpickles it runs a command."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.mark}",)


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "ran"


@pytest.fixture
def planted(tmp_path: Path, mark: Path) -> Path:
    """A file that looks like weights of this project and holds an object besides."""
    import torch

    path = tmp_path / "planted.pt"
    good = torch.load(BASE, weights_only=True)
    torch.save({**good, "metrics": {"map": Bomb(mark)}}, path)
    return path


def request(source: Path, tmp_path: Path, **more: object) -> fit.Request:
    contents = prepare.prepare(source, tmp_path / "dataset", prepare.Options(tile=160))
    given = hyperparameters.Hyperparameters(epochs=4, imgsz=64, batch=2)
    done = 1 if "checkpoints" in more else 0
    state = State(contents["digest"], asdict(given), "", "", done)
    return fit.Request(tmp_path / "dataset", given, tmp_path / "work", state, **more)  # type: ignore[arg-type]


def test_the_planted_file_would_run_where_pickle_has_its_powers(planted: Path, mark: Path) -> None:
    import torch

    torch.load(planted, weights_only=False)
    assert mark.exists()


def test_planted_base_weights_are_refused(source: Path, tmp_path: Path, planted: Path, mark: Path) -> None:
    with pytest.raises(InputError, match=r"planted\.pt is refused") as caught:
        fit.run(request(source, tmp_path, weights=planted))
    assert "Nothing of it was executed" in str(caught.value) and not mark.exists()


@pytest.mark.parametrize("name", ["last.pt", "best.pt"])
def test_a_planted_checkpoint_is_refused(source: Path, tmp_path: Path, planted: Path, mark: Path, name: str) -> None:
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    for file in ("last.pt", "best.pt"):
        (folder / file).write_bytes((planted if file == name else BASE).read_bytes())
    with pytest.raises(InputError, match=f"{name} is refused"):
        fit.run(request(source, tmp_path, checkpoints=Checkpoints(folder)))
    assert not mark.exists()


def test_planted_weights_are_neither_exported_nor_converted(tmp_path: Path, planted: Path, mark: Path) -> None:
    with pytest.raises(InputError, match="is refused"):
        export.to_onnx(planted, tmp_path / "model.onnx", 64)
    with pytest.raises(InputError, match="holds no network that may be read"):
        convert.converted(planted)
    assert convert.main([str(planted), str(tmp_path / "out.pt")]) == 1
    assert not mark.exists() and not (tmp_path / "out.pt").exists()


def test_weights_of_ultralytics_become_the_same_weights(tmp_path: Path) -> None:
    import torch

    known = weights.load(BASE)
    weights.for_ultralytics(known, tmp_path / "ultralytics.pt", {})
    with pytest.raises(InputError, match=r"peregrine_ml\.training\.convert"):
        weights.load(tmp_path / "ultralytics.pt")
    found = convert.converted(tmp_path / "ultralytics.pt")
    assert found.classes == ("tree",) and found.architecture == "yolo11n"
    assert all(torch.equal(found.tensors[name], tensor) for name, tensor in known.tensors.items())


def changed(**parts: object) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        import torch

        torch.save({**torch.load(BASE, weights_only=True), **parts}, folder / "changed.pt")
        return folder / "changed.pt"

    return make


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (changed(architecture="../../evil"), "none of yolo11n"),
        (changed(schema="other"), "no peregrine.weights/1"),
        (changed(classes=[]), "no list of names"),
        (changed(tensors={"model.0": "text"}), "no tensors by name"),
        (changed(progress={"epoch": -1}), "TypeError"),
    ],
)
def test_claims_that_make_no_sense_are_refused(tmp_path: Path, make: Callable[[Path], Path], words: str) -> None:
    with pytest.raises(InputError, match=words):
        weights.load(make(tmp_path))


def test_tensors_of_another_network_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not of yolo11s"):
        weights.network(weights.load(changed(architecture="yolo11s")(tmp_path)))


def test_base_weights_are_those_of_the_card_beside_them(tmp_path: Path) -> None:
    (tmp_path / BASE.name).write_bytes(BASE.read_bytes())
    assert train.base_weights(tmp_path) == tmp_path / BASE.name
    (tmp_path / "card.json").write_text((BASE.parent / "card.json").read_text())
    assert train.base_weights(tmp_path) == tmp_path / BASE.name
    with (tmp_path / BASE.name).open("ab") as stream:
        stream.write(b"\0")
    with pytest.raises(InputError, match="is not what its card describes"):
        train.base_weights(tmp_path)
    (tmp_path / "card.json").write_text("[]")
    with pytest.raises(InputError, match="is no card"):
        train.base_weights(tmp_path)


def archive(folder: Path, *members: tarfile.TarInfo) -> Path:
    path = folder / "model.tar.gz"
    with tarfile.open(path, "w:gz") as stream:
        for member in members:
            stream.addfile(member, io.BytesIO(b"\0" * member.size))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, size
    return info


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([member("../outside")], "outside"),
        ([member("model.onnx", tarfile.SYMTYPE, "/proc/self/environ")], "no plain file"),
        ([member("model.json", tarfile.LNKTYPE, "../../secret")], "no plain file"),
        ([member("pipe", tarfile.FIFOTYPE)], "no plain file"),
        ([member(f"file-{index}") for index in range(101)], "more than 100 files"),
    ],
)
def test_archives_that_no_training_job_writes_are_refused(
    tmp_path: Path, members: list[tarfile.TarInfo], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        modelfile.unpack(archive(tmp_path, *members), tmp_path / "deep" / "unpacked")
    assert not (tmp_path / "deep" / "outside").exists()


def test_an_archive_that_grows_without_end_is_refused_before_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modelfile, "MAX_UNPACKED", 1000)
    with pytest.raises(InputError, match="1000 bytes"):
        modelfile.unpack(
            archive(tmp_path, member("small", size=900), member("large", size=5000)), tmp_path / "unpacked"
        )
    assert not (tmp_path / "unpacked" / "large").exists()


def test_a_network_whose_weights_lie_in_another_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnx

    folder = write_model(tmp_path / "model", [[32, 32, 20, 20, 0.9]])
    network = onnx.load(folder / "model.onnx")
    (folder / "answers").write_bytes(network.graph.initializer[0].raw_data)
    outside = network.graph.initializer[0]
    outside.ClearField("raw_data")
    outside.data_location = onnx.TensorProto.EXTERNAL
    outside.external_data.add(key="location", value="answers")
    (folder / "model.onnx").write_bytes(network.SerializeToString())
    described = json.loads((folder / "model.json").read_text())
    described["digests"]["onnx"] = digest(folder / "model.onnx")
    (folder / "model.json").write_text(json.dumps(described))
    monkeypatch.chdir(folder)
    with pytest.raises(InputError, match="ONNX Runtime refuses"):
        Detector(modelfile.load(folder))
