"""Draws what `npm run bench -- --only rollouts` measured: cells as JSON on standard input, the SVG's path as argument."""

import json
import sys
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter, StrMethodFormatter

STYLE: dict[Any, Any] = {
    # Text stays text, and the same data makes the same file.
    "svg.fonttype": "none", "svg.hashsalt": "peregrine", "font.size": 10, "axes.spines.top": False,
    "axes.spines.right": False, "axes.grid": True, "grid.color": "#dddddd", "axes.axisbelow": True,
}  # fmt: skip
RULES = {
    "ours": ("#0b6e99", "o", "-"),
    "Flagger": ("#c0392b", "s", "--"),
    "Argo, failureLimit 0": ("#b9770e", "^", "--"),
    "Argo, failureLimit 3": ("#7d3c98", "v", "--"),
}
HEALTHY, BAD, WORST = ("healthy", "near the objective"), ("2 times the errors", "4 times", "10 times"), ("10 times",)
Cells = list[dict[str, Any]]


def share(of: str) -> Callable[[Cells], float]:
    return lambda cells: sum(cell[of] for cell in cells) / sum(cell["releases"] for cell in cells)


def steady_minutes(cells: Cells) -> float:
    rolled_back = sum(cell["steady"]["rolledBack"] for cell in cells)
    return sum(cell["steady"]["minutes"] for cell in cells) / rolled_back if rolled_back else float("nan")


def draw(axes: Axes, cells: Cells, title: str, states: tuple[str, ...], of: Callable[[Cells], float]) -> None:
    for rule, (color, marker, line) in RULES.items():
        own = [cell for cell in cells if cell["rule"] == rule and cell["state"] in states]
        rates = sorted({cell["requestsPerSecond"] for cell in own})
        values = [of([cell for cell in own if cell["requestsPerSecond"] == rate]) for rate in rates]
        axes.plot(rates, values, line, color=color, marker=marker, label=rule, clip_on=False)
    axes.set(title=title, xscale="log", xlabel="requests a second")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.set_ylim(bottom=0)


@mpl.rc_context(STYLE)
def main() -> None:
    cells = json.load(sys.stdin)
    figure = Figure(figsize=(11, 3.6), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    draw(left, cells, "healthy releases rolled back", HEALTHY, share("rolledBack"))
    draw(middle, cells, "bad releases promoted", BAD, share("promoted"))
    for axes in (left, middle):
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    draw(right, cells, "minutes to roll back, 10x errors", WORST, steady_minutes)
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    figure.savefig(sys.argv[1], format="svg", metadata={"Date": None, "Creator": None})


main()
