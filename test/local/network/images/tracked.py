"""A training job that does nothing but log a run, by the tracker of the real container."""

import os
import sys

from peregrine_ml import tracking
from peregrine_ml.errors import InputError

try:
    run = tracking.start("tracked", {"job": os.environ.get("TRAINING_JOB_NAME", "")})
    run.metrics({"map50": 0.5})
    run.finish()
except InputError as error:
    os.makedirs("/opt/ml/output", exist_ok=True)
    with open("/opt/ml/output/failure", "w") as file:
        file.write(str(error))
    sys.exit(1)
print(f"logged run {run.run_id}")
