"""Charts as inline SVG, drawn by matplotlib: no script, no file beside the page, sharp at every size.

Colours are variables of the page's CSS, so that charts follow its light and its dark form.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from html import escape
from io import StringIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter
from numpy.typing import NDArray

WIDTH, HEIGHT = 420, 190
"""Of a chart, in pixels of the page."""
ACCENT, MARK, SOFT, LINE, GROUND = "#000001", "#000002", "#000003", "#000004", "#000005"
"""Stand in for the page's colours, which matplotlib does not know."""
VARIABLES = {ACCENT: "--accent", MARK: "--accent-2", SOFT: "--soft", LINE: "--line", GROUND: "--card"}
STYLE: dict[Any, Any] = {
    # Text stays text, and the same data makes the same page.
    "svg.fonttype": "none", "svg.hashsalt": "peregrine", "font.size": 11,
    "text.color": SOFT, "xtick.color": SOFT, "ytick.color": SOFT, "axes.labelcolor": SOFT,
    "grid.color": LINE, "axes.axisbelow": True, "axes.spines.top": False, "axes.spines.right": False,
    "axes.spines.left": False, "axes.spines.bottom": False, "xtick.bottom": False, "ytick.left": False,
}  # fmt: skip
EMPTY = '<p class="empty">nothing to count</p>'


def number(value: float) -> str:
    """Short for an axis: 12300 as 12.3k."""
    if abs(value) >= 10_000:
        return f"{value / 1000:.3g}k"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


@mpl.rc_context(STYLE)
def histogram(data: Mapping[str, Any], unit: str = "") -> str:
    """Bars of a `measure.distribution`, the median marked."""
    if not data.get("count"):
        return EMPTY
    edges, counts = data["histogram"]["edges"], data["histogram"]["counts"]
    median = data["quantiles"]["0.5"]
    figure, axes = _axes()
    drawn = axes.bar(edges[:-1], counts, np.diff(edges) * 0.9, align="edge", color=ACCENT)
    titles = [
        f"{number(low)} to {number(high)} {unit}: {count}"
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
    for index, bar in enumerate(drawn):
        bar.set_url(f"title-{index}")
    at = min(max(median, edges[0]), edges[-1])
    axes.axvline(at, color=MARK, linestyle="--")
    late = at > edges[0] + 0.7 * (edges[-1] - edges[0])
    axes.annotate(
        f"median {number(median)}", (at, 1), xycoords=("data", "axes fraction"), xytext=(-4 if late else 4, 2),
        textcoords="offset points", ha="right" if late else "left", color=MARK, weight="bold",
    )  # fmt: skip
    axes.set_xlim(edges[0], edges[-1])
    axes.grid(axis="y")
    _shorten_numbers(axes)
    axes.yaxis.set_major_locator(MaxNLocator(2, integer=True))
    return _svg(figure, f"Histogram, median {number(median)} {unit}", titles)


@mpl.rc_context(STYLE)
def bars(values: Mapping[str, float]) -> str:
    """Horizontal bars with names, largest first."""
    if not values:
        return EMPTY
    figure, axes = _axes(max(30 * len(values) + 8, 60))
    axes.bar_label(axes.barh(list(values), list(values.values()), 0.6, color=ACCENT), fmt=number, padding=4)
    axes.invert_yaxis()
    axes.xaxis.set_visible(False)
    axes.margins(x=0.15)
    return _svg(figure, "Bars")


@mpl.rc_context(STYLE)
def heatmap(grid: NDArray[np.float64]) -> str:
    """Where in the image objects lie: one cell per part, darker for more."""
    rows, columns = grid.shape
    figure, axes = _axes()
    cells = [Rectangle((column, row), 0.94, 0.94) for row in range(rows) for column in range(columns)]
    shades = [(ACCENT, float(share)) for share in 0.06 + 0.94 * grid.ravel() / (grid.max() or 1.0)]
    collection = PatchCollection(cells, facecolors=shades, urls=[f"title-{index}" for index in range(grid.size)])
    axes.add_collection(collection)
    axes.set(xlim=(0, columns), ylim=(rows, 0), aspect="equal")
    axes.axis("off")
    return _svg(figure, "Positions of objects", [f"{count:.0f} objects" for count in grid.ravel()])


@mpl.rc_context(STYLE)
def compared(edges: Sequence[float], before: Sequence[float], now: Sequence[float], names: tuple[str, str]) -> str:
    """Two distributions over the same parts: what was before as an outline, what is now as bars.

    Args:
        edges: of the parts, one more than there are parts.
        before: share of each part, 0 to 1.
        now: the same.
        names: of both, for the legend.
    """
    if not len(before) or edges[0] >= edges[-1]:
        return EMPTY
    figure, axes = _axes()
    drawn = axes.bar(edges[:-1], now, np.diff(edges) * 0.9, align="edge", color=ACCENT, label=names[1])
    for index, bar in enumerate(drawn):
        bar.set_url(f"title-{index}")
    axes.stairs(before, edges, color=MARK, linewidth=2, label=names[0])
    axes.set_xlim(edges[0], edges[-1])
    axes.grid(axis="y")
    _shorten_numbers(axes)
    axes.yaxis.set_major_locator(MaxNLocator(2))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    # Above the bars, which may reach every corner.
    axes.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 0.98), ncols=2, fontsize=10)
    titles = [
        f"{number(low)} to {number(high)}: {one:.1%} {names[0]}, {other:.1%} {names[1]}"
        for low, high, one, other in zip(edges[:-1], edges[1:], before, now, strict=True)
    ]
    return _svg(figure, f"Distribution: {names[0]} and {names[1]}", titles)


@mpl.rc_context(STYLE)
def deviations(values: Mapping[str, float], marked: Collection[str] = ()) -> str:
    """Horizontal bars to both sides of 0, in the order given; the marked ones in another colour."""
    if not values:
        return EMPTY
    figure, axes = _axes(max(30 * len(values) + 8, 60))
    colours = [MARK if name in marked else ACCENT for name in values]
    drawn = axes.barh(list(values), list(values.values()), 0.6, color=colours)
    axes.bar_label(drawn, [f"{value:+.2f}" for value in values.values()], padding=4)
    axes.axvline(0, color=SOFT, linewidth=1)
    axes.invert_yaxis()
    axes.xaxis.set_visible(False)
    axes.margins(x=0.25)
    return _svg(figure, "Shifts")


@mpl.rc_context(STYLE)
def scatter(points: Sequence[tuple[float, float, str]], x_name: str, y_name: str) -> str:
    """Points with a name on hover."""
    if not points:
        return EMPTY
    figure, axes = _axes()
    xs, ys, names = zip(*points, strict=True)
    dots = axes.scatter(xs, ys, s=60, color=ACCENT, alpha=0.75, edgecolors=GROUND, linewidths=0.7)
    dots.set_urls([f"title-{index}" for index in range(len(points))])
    axes.set(xlabel=x_name, ylabel=y_name)
    axes.margins(0.08)
    axes.grid()
    _shorten_numbers(axes)
    return _svg(figure, f"{y_name} against {x_name}", list(names))


def _axes(height: float = HEIGHT) -> tuple[Figure, Axes]:
    """An empty chart, `height` in pixels of the page."""
    # matplotlib's SVG has 72 units an inch.
    figure = Figure(figsize=(WIDTH / 72, height / 72), layout="constrained")
    return figure, figure.add_subplot()


def _shorten_numbers(axes: Axes) -> None:
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5))
        axis.set_major_formatter(FuncFormatter(lambda value, _position: number(value)))


def _svg(figure: Figure, label: str, titles: Sequence[str] = ()) -> str:
    """The figure as one element. @param titles shown on hover, by the number in an artist's url `title-N`."""
    text = StringIO()
    figure.savefig(text, format="svg", transparent=True)
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    # An id that nothing refers to would be there once more in the next chart.
    svg = re.sub(r' id="(?!m|p|C\d)[^"]*"| id="(?:patch|path|matplotlib)[^"]*"', "", svg)
    svg = re.sub(
        r'<a xlink:href="title-(\d+)"[^>]*>(.*?)</a>',
        lambda found: f"<g><title>{escape(titles[int(found[1])])}</title>{found[2]}</g>",
        svg,
        flags=re.DOTALL,
    )
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    return re.sub(r"<svg [^>]*?(viewBox=\"[^\"]*\")[^>]*>", rf'<svg \1 role="img" aria-label="{escape(label)}">', svg)
