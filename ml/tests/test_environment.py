"""What a container's caller may say by variables: the known exploit, and everything else that is not on the list."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ISOLATED, ROOT

from peregrine_ml import environment, privileges

SHOW = (
    "import json, os; from peregrine_ml import environment; environment.keep_known(); "
    "print(json.dumps(dict(os.environ)))"
)


def exploit(mark: Path) -> dict[str, str]:
    """A filter for warnings names a class to import; `antigravity` opens a browser; the browser is a command."""
    return {"PYTHONWARNINGS": "all:0:antigravity.x:0:0", "BROWSER": f'sh -c "touch {mark}" #%s'}


def run(arguments: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], env={"PATH": os.environ["PATH"], **variables}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip


def test_the_known_exploit_works_on_a_python_that_listens(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    run(["-m", "peregrine_ml", "--help"], {**exploit(mark), "PYTHONPATH": str(ROOT)})
    assert mark.exists()


@pytest.mark.parametrize("verb", ["--help", "serve", "evaluate", "profile", "prepare", "train"])
def test_the_entry_point_ignores_it(tmp_path: Path, verb: str) -> None:
    mark = tmp_path / "ran"
    evil = tmp_path / "evil"
    evil.mkdir()
    for name in ("sitecustomize", "usercustomize", "evil", "peregrine_ml"):
        (evil / f"{name}.py").write_text(f"open({str(mark)!r}, 'w')")
    hostile = {
        **exploit(mark), "SM_ROOT": str(tmp_path), "PYTHONPATH": str(evil), "PYTHONSTARTUP": str(evil / "evil.py"),
        "PYTHONHOME": str(evil), "PYTHONUSERBASE": str(evil), "PYTHONBREAKPOINT": "evil", "PYTHONINSPECT": "1",
        "YOLO_CONFIG_DIR": str(evil), "MPLCONFIGDIR": str(evil), "MPLBACKEND": "module://evil", "HOME": str(evil),
        "SAGEMAKER_BIND_TO_PORT": "none",
    }  # fmt: skip
    ended = run([*ISOLATED, verb], hostile)
    assert ended.returncode == (0 if verb == "--help" else 1), ended.stderr
    assert not mark.exists()


def test_only_what_is_on_the_list_reaches_a_verb(tmp_path: Path) -> None:
    kept = {"MLFLOW_TRACKING_URI": "sqlite:///x", "SM_CHANNEL_DATASET": "/d", "OMP_NUM_THREADS": "2"}
    hostile = dict.fromkeys(
        ["PYTORCH_ALLOC_CONF", "TORCH_HOME", "TORCHINDUCTOR_CACHE_DIR", "TORCH_LOAD_WEIGHTS_ONLY", "PIP_INDEX_URL",
         "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "ULTRALYTICS_SAFE_LOAD", "YOLO_CONFIG_DIR", "MPLCONFIGDIR", "GIT_DIR",
         "AWS_PROFILE", "MLFLOW_TRACKING_TOKEN", "OPENCV_IO_ENABLE_OPENEXR", "ORT_PLUGIN", "http_proxy", "TMPDIR",
         "LD_PRELOAD", "MODEL_PACKAGE_ARN"], "/evil",
    )  # fmt: skip
    changed = {"BROWSER": "sh", "PATH": "/evil:/usr/bin", "AWS_CONFIG_FILE": "/evil", "YOLO_OFFLINE": "false"}
    code = f"import sys; sys.path.append({str(ROOT)!r}); {SHOW}"
    ended = run(["-I", "-c", code], {**kept, **hostile, **changed, "HOME": str(tmp_path)})
    seen = json.loads(ended.stdout)
    for name, value in kept.items():
        assert seen.pop(name) == value
    assert seen.pop("HOME") == str(tmp_path)
    seen.pop("LC_CTYPE", None)
    assert seen == environment.FIXED


@pytest.mark.parametrize("home", ["", "relative", "/opt/ml/input/data/dataset", "/not/there"])
def test_a_home_that_others_may_fill_is_replaced_by_an_empty_one(home: str) -> None:
    variables = {"HOME": home}
    environment.keep_known(variables)
    assert variables["HOME"] != home and not any(Path(variables["HOME"]).iterdir())
    Path(variables["HOME"]).rmdir()


def test_below_what_stands_for_opt_ml_there_is_no_home(tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    variables = {"HOME": str(tmp_path / "input"), "SM_ROOT": str(tmp_path)}
    environment.keep_known(variables)
    assert variables["HOME"] != str(tmp_path / "input")
    Path(variables["HOME"]).rmdir()


OPEN_PYTHON = "/usr/bin/python3"
GIVE_UP = """
import os, sys
sys.path.append({root!r})
from pathlib import Path
from peregrine_ml import privileges
print(privileges.give_up([Path({place!r}) / "output"]), os.getresuid(), os.getgroups(), flush=True)
(Path({place!r}) / "output" / "report").write_text("x")
for refused in ({place!r} + "/input/data", privileges.__file__):
    try:
        open(refused, "a")
    except PermissionError:
        print("closed")
"""


only_root = pytest.mark.skipif(
    os.geteuid() != 0 or not Path(OPEN_PYTHON).exists(), reason="only root can give up root, on a Python open to others"
)


@only_root
def test_root_is_given_up_where_inputs_are_open_and_results_are_handed_over(place: Path) -> None:
    ended = _give_up(place)
    assert ended.stdout.splitlines() == [f"True {(privileges.USER,) * 3} []", "closed", "closed"], ended.stderr
    assert (place / "output" / "report").stat().st_uid == privileges.USER
    assert (place / "output" / "old").stat().st_uid == privileges.USER


@only_root
def test_root_stays_where_an_input_is_closed_to_others_and_says_so(place: Path) -> None:
    (place / "input" / "data").chmod(0o600)
    ended = _give_up(place)
    assert ended.stdout.splitlines() == [f"False (0, 0, 0) {os.getgroups()}"], ended.stderr
    assert "input/data is closed to others" in ended.stderr


@pytest.fixture(name="place")
def open_place() -> Iterator[Path]:
    """A folder that others can enter, whatever pytest's own folders are."""
    place = Path(tempfile.mkdtemp(prefix="open-"))
    for folder in (place, place / "input", place / "output", place / "program"):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
    (place / "input" / "data").write_text("x")
    (place / "output" / "old").write_text("x")
    shutil.copytree(ROOT / "peregrine_ml", place / "program" / "peregrine_ml", dirs_exist_ok=True)
    yield place
    shutil.rmtree(place)


def _give_up(place: Path) -> subprocess.CompletedProcess[str]:
    # Not the checkout's Python: that and the project may lie where others cannot enter.
    code = GIVE_UP.format(root=str(place / "program"), place=str(place))
    return subprocess.run(
        [OPEN_PYTHON, "-I", "-c", code], env={"SM_ROOT": str(place)}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
