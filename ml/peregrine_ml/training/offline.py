"""Ultralytics without the network and without its own logging.

It probes for a connection at import, reports usage, downloads a font, a second model for a mixed-precision check and
missing Python packages, and starts tracking integrations it finds installed. A training job needs none of that, and in
network isolation each costs a time-out.
"""

import json
import os
from pathlib import Path

INTEGRATIONS = ("hub", "sync", "mlflow", "wandb", "comet", "clearml", "dvc", "neptune", "raytune", "tensorboard")


def configure(folder: Path) -> None:
    """Set all switches. Must run before the first import of ultralytics.

    Args:
        folder: where Ultralytics may keep its settings, apart from the user's own.
    """
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["YOLO_OFFLINE"] = "true"  # The literal word: `1` does nothing.
    os.environ["YOLO_AUTOINSTALL"] = "false"
    os.environ["YOLO_CONFIG_DIR"] = str(folder)
    os.environ.setdefault("YOLO_VERBOSE", "false")
    # settings.json lands in <folder>/Ultralytics or <folder>, depending on what the variable already names.
    from ultralytics.utils import SETTINGS, SETTINGS_FILE

    SETTINGS.update({name: False for name in INTEGRATIONS if name in SETTINGS})
    json.loads(Path(SETTINGS_FILE).read_text(encoding="utf-8"))
    # Looks for Arial.ttf to write on plots, by way of matplotlib and a download; `plots=False` draws none.
    import ultralytics.data.utils as data_utils

    data_utils.check_font = lambda *_: None
