"""Measures `monitor` on captured lines with images, as an instance of two cores runs it.

Usage: python monitor_window.py ML_FOLDER LINES. Prints JSON: lines, seconds, peak memory in MB, records, bytes.
One file of lines is written and linked under many names: what is measured is reading and judging, not the disk.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

IMAGE_BYTES = 50_000
LINES_A_FILE = 1_000
CORES = 2


def main(ml: Path, lines: int) -> None:
    """Write the window, run the verb in a process of its own, print what it took."""
    sys.path[:0] = [str(ml), str(ml / "tests")]
    import monitoring_data as data
    import numpy as np

    with tempfile.TemporaryDirectory(prefix="peregrine-bench-monitor-") as folder:
        root = Path(folder)
        random = np.random.default_rng(0)
        captured = [
            data.line(
                data.answer(data.features(random)), f"flight-{number // 40:04}/{number:06}", data.START,
                random.bytes(IMAGE_BYTES),
            )
            for number in range(LINES_A_FILE)
        ]  # fmt: skip
        first = data.write(root / "processing" / "endpointdata", captured)
        for number in range(1, lines // LINES_A_FILE):
            os.link(first, first.with_name(f"00-00-000-{number:05}.jsonl"))
        data.write_baseline(root / "processing" / "baseline" / "constraints")
        variables = data.variables(root) | {"PATH": os.environ["PATH"], "PYTHONPATH": str(ml)}
        cores = sorted(os.sched_getaffinity(0))[:CORES]
        started = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "peregrine_ml", "monitor"], check=True, env=variables, stdout=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )  # fmt: skip
        seconds = time.monotonic() - started
        report = json.loads((root / "processing" / "output" / "report.json").read_text())
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        told = {
            "lines": lines, "seconds": seconds, "megabytes": usage.ru_maxrss / 1024, "records": report["records"],
            "gigabytes": first.stat().st_size * (lines // LINES_A_FILE) / 1e9,
        }  # fmt: skip
        print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
