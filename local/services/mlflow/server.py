"""One MLflow tracking server in one process: the application that ``mlflow server`` serves, without its supervisor and job runner.

Ends with its parent, so that a killed local cloud leaves no server behind. Arguments: database file, artifact store (``s3://...``), port.
Artifacts are not proxied: clients write them to the store themselves, as they do with SageMaker's MLflow apps.
"""

import ctypes
import os
import signal
import sys
import threading
import time


def end_with_parent() -> None:
    """Asks the kernel for SIGTERM when the parent dies (Linux); elsewhere a thread looks once a second."""
    parent = os.getppid()
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    except (OSError, AttributeError):
        pass

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    """Serves until SIGTERM."""
    database, artifacts, port = sys.argv[1:4]
    end_with_parent()
    from mlflow.server import constants

    store = f"sqlite:///{database}"
    os.environ.update(
        {
            constants.BACKEND_STORE_URI_ENV_VAR: store,
            constants.REGISTRY_STORE_URI_ENV_VAR: store,
            constants.ARTIFACT_ROOT_ENV_VAR: artifacts,
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "_MLFLOW_SGI_NAME": "uvicorn",
        }
    )
    import uvicorn

    uvicorn.run("mlflow.server.fastapi_app:app", host="127.0.0.1", port=int(port), workers=1, log_level="warning")


if __name__ == "__main__":
    main()
