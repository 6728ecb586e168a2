"""How drift decisions and other libraries' default rules do on streams whose truth is known.

Usage: python main.py ML_FOLDER BASELINES WINDOWS PEER_WINDOWS. Prints JSON: a list of cells.
Of each stream and size of window, BASELINES baselines are drawn; WINDOWS windows are judged with the thresholds of each,
by the code that the container runs, and PEER_WINDOWS by each of the other rules.

A baseline errs about the mean, and all windows that are compared with it share this error: of a window that is larger
than its baseline, either hardly any alarms or nearly all do. The budget is one over baselines. So that a rate does not
take ten thousands of them, each window is compared with a mean of its own: that of another baseline of the same kind.
Thresholds do not depend on the mean, and of normal values it is independent of the spread that they depend on. `of_one`
has the rates of windows that share the mean of their baseline.
"""

import json
import sys
import time
from statistics import NormalDist

import numpy as np
import peer_rules
import streams

QUIET_SIZES = (50, 200, 1000, 10_000)
SHIFTED = ((500, 0.2), (500, 0.4), (1000, 0.3), (4000, 0.2))
OFTEN, RARE = 36 / (30 * 24), 1 / (30 * 24)
"""False alarms a window: 36 in 30 days, which can be verified, and 1 in 30 days, the default."""
PEER_WINDOWS_A_BASELINE = 10


def main(ml: str, baselines: int, windows: int, peer_windows: int) -> None:
    """Measure all cells."""
    sys.path[:0] = [ml]
    cells = []
    for stream in streams.STREAMS:
        for images in QUIET_SIZES:
            cells.append(measure(stream, images, 0.0, baselines, windows, peer_windows))
        if not stream.season:
            for images, shift in SHIFTED:
                cells.append(measure(stream, images, shift, max(4, baselines // 3), windows, peer_windows))
    print(json.dumps(cells))


def measure(stream: streams.Stream, images: int, shift: float, baselines: int, windows: int, peer_windows: int) -> dict:
    """Share of alarms in one cell."""
    from peregrine_ml.drift import calibration, null, spread
    from peregrine_ml.drift.model import Baseline

    started = time.monotonic()
    alarms = {OFTEN: [], RARE: []}
    of_one = []
    peers = {}
    visible = []
    sizes = streams.sizes(stream, images)
    for seed in range(baselines):
        random = np.random.default_rng([seed, images, round(shift * 100)])
        values, flights, blocks = streams.baseline(stream, random)
        measured = spread.of(Baseline(streams.NAMES, values, tuple(map(str, flights)), tuple(map(str, blocks))))
        means = streams.window_means(stream, measured.weights(sizes), sizes, windows, shift, random)
        against = (means - streams.mean_errors(stream, windows, random)) / measured.scale
        against_one = (means - measured.mean) / measured.scale - measured.centre
        quiet = null.draws(measured, sizes, 1, calibration.DRAWS, random)
        for alpha, found in alarms.items():
            judge = calibration.of_draws(measured, sizes, 1, alpha, quiet)
            found.append(float((judge.tests(against) >= 1).mean()))
            if alpha == OFTEN:
                of_one.append(float((judge.tests(against_one) >= 1).mean()))
        visible.append(judge.visible_effect())
        rules = peer_rules.Peers(values, images) if seed * PEER_WINDOWS_A_BASELINE < peer_windows else None
        for _ in range(PEER_WINDOWS_A_BASELINE if rules else 0):
            for name, alarm in rules.alarms(streams.window(stream, images, shift, random)).items():
                peers.setdefault(name, []).append(alarm)
    rates = {alpha: float(np.mean(found)) for alpha, found in alarms.items()}
    errors = {alpha: float(np.std(found, ddof=1) / baselines**0.5) for alpha, found in alarms.items()}
    taken = time.monotonic() - started
    found = (f"{100 * rates[OFTEN]:.0f} % and {100 * rates[RARE]:.0f} % found" if shift else
             f"{rates[OFTEN] / OFTEN:.2f} and {rates[RARE] / RARE:.2f} of the allowed alarms")  # fmt: skip
    print(f"{stream.name}, {images} images, shift {shift:g}: {found}, {taken:.0f} s", file=sys.stderr, flush=True)
    return {
        "stream": stream.name, "images": images, "shift": shift, "baselines": baselines, "windows": windows * baselines,
        "often": {"allowed": OFTEN, "alarms": rates[OFTEN], "error": errors[OFTEN]},
        "rare": {"allowed": RARE, "alarms": rates[RARE], "error": errors[RARE]},
        "of_one": [float(share) for share in np.quantile(of_one, (0.1, 0.9))],
        "best_linear": best_linear(stream, sizes, shift), "visible": float(np.mean(visible)),
        "peers": {name: float(np.mean(found)) for name, found in peers.items()},
        "peer_windows": len(next(iter(peers.values()))),
    }  # fmt: skip


def best_linear(stream: streams.Stream, sizes: np.ndarray, shift: float) -> float | None:
    """Power of the best linear test at the rare budget: it knows the direction and all covariances, not the baseline's
    true mean.
    """
    if not shift:
        return None
    known = stream.blocks * stream.flights
    precision = (1 / (stream.icc + (1 - stream.icc) / sizes)).sum()
    own = known / (stream.icc + (1 - stream.icc) / stream.flight_size)
    signal = shift * np.sqrt(streams.FEATURES / (1 + (streams.FEATURES - 1) * streams.CORRELATION))
    normal = NormalDist()
    return normal.cdf(float(signal / np.sqrt(1 / precision + 1 / own)) - normal.inv_cdf(1 - RARE / 2))


if __name__ == "__main__":
    main(sys.argv[1], *(int(text) for text in sys.argv[2:5]))
