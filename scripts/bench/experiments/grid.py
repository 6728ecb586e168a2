"""SciPy's values of the special functions on a grid, for `npm run bench -- --only experiments`: JSON on standard output.

Grids are seeded; values that underflow are left out.
"""

import json
import sys

import numpy as np
from scipy import special, stats


def main(count: int) -> None:
    random = np.random.default_rng(2026)
    z = random.uniform(-37, 8, count)
    shape = 10 ** random.uniform(-1, 4, count)
    spread = 10 ** random.uniform(-1.5, 1.5, count)
    x = np.maximum(1e-6, shape + np.sqrt(shape) * random.normal(0, 4, count) * spread)
    a, b = 10 ** random.uniform(-1, 3, count), 10 ** random.uniform(-1, 3, count)
    p = random.uniform(1e-6, 1 - 1e-6, count)
    t, degrees = random.normal(0, 6, count), 10 ** random.uniform(0, 5, count)
    chance = 10 ** random.uniform(-300, -0.001, count)
    rows = {
        "normal": (stats.norm.cdf(z), z),
        "normal quantile": (stats.norm.ppf(chance), chance),
        "gamma": (special.gammainc(shape, x), shape, x),
        "gamma tail": (special.gammaincc(shape, x), shape, x),
        "beta": (special.betainc(a, b, p), a, b, p),
        "Student": (stats.t.cdf(-np.abs(t), degrees), -np.abs(t), degrees),
    }
    json.dump(
        {
            name: [row for row in np.column_stack(columns).tolist() if np.isfinite(row[0]) and abs(row[0]) > 1e-300]
            for name, columns in rows.items()
        },
        sys.stdout,
    )


main(int(sys.argv[1]))
