"""Charts as inline SVG: no script, no file beside the page, sharp at every size. Colours come from the page's CSS."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 420, 190
LEFT, RIGHT, TOP, BOTTOM = 38, 10, 18, 30


def number(value: float) -> str:
    """Short for an axis: 12300 as 12.3k."""
    if abs(value) >= 10_000:
        return f"{value / 1000:.3g}k"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def histogram(data: Mapping[str, Any], unit: str = "") -> str:
    """Bars of a `measure.distribution`, the median marked."""
    if not data.get("count"):
        return '<p class="empty">nothing to count</p>'
    edges, counts = data["histogram"]["edges"], data["histogram"]["counts"]
    low, high, top = edges[0], edges[-1], max(counts)
    plot_width, plot_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    step = plot_width / len(counts)
    parts = [_frame(top)]
    for index, count in enumerate(counts):
        height = plot_height * count / top
        parts.append(
            f'<rect class="bar" x="{LEFT + index * step + 1:.1f}" y="{TOP + plot_height - height:.1f}" '
            f'width="{step - 2:.1f}" height="{height:.1f}" rx="2"><title>{number(edges[index])} to '
            f"{number(edges[index + 1])} {escape(unit)}: {count}</title></rect>"
        )
    median = data["quantiles"]["0.5"]
    at = LEFT + plot_width * (min(max(median, low), high) - low) / (high - low)
    anchor, shift = ("end", -5) if at > WIDTH * 0.7 else ("start", 5)
    parts.append(
        f'<line class="mark" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP - 14}" y2="{TOP + plot_height}"/>'
        f'<text class="marktext" x="{at + shift:.1f}" y="{TOP - 6}" text-anchor="{anchor}">median {number(median)}</text>'
    )
    for share, anchor in ((0, "start"), (0.25, "middle"), (0.5, "middle"), (0.75, "middle"), (1, "end")):
        x, value = LEFT + plot_width * share, low + (high - low) * share
        parts.append(f'<text class="tick" x="{x:.1f}" y="{HEIGHT - 12}" text-anchor="{anchor}">{number(value)}</text>')
    return _svg(parts, f"Histogram, median {number(median)} {unit}")


def bars(values: Mapping[str, float]) -> str:
    """Horizontal bars with names, largest first."""
    if not values:
        return '<p class="empty">nothing to count</p>'
    top, row = max(values.values()), 30
    height = max(row * len(values) + 8, 60)
    parts = []
    for index, (name, value) in enumerate(values.items()):
        y = 4 + index * row
        width = (WIDTH - 180) * value / top
        parts.append(
            f'<text class="name" x="104" y="{y + 18}" text-anchor="end">{escape(name)}</text>'
            f'<rect class="bar" x="112" y="{y + 5}" width="{width:.1f}" height="{row - 12}" rx="3"/>'
            f'<text class="value" x="{118 + width:.1f}" y="{y + 18}">{number(value)}</text>'
        )
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Bars">{"".join(parts)}</svg>'


def heatmap(grid: NDArray[np.float64]) -> str:
    """Where in the image objects lie: one cell per part, darker for more."""
    rows, columns = grid.shape
    cell, gap = 16, 1
    top = grid.max() or 1.0
    left = (WIDTH - columns * cell) / 2
    parts = [
        f'<rect class="cell" x="{left + column * cell:.1f}" y="{6 + row * cell}" width="{cell - gap}" height="{cell - gap}" rx="2" '
        f'style="opacity:{0.06 + 0.94 * grid[row, column] / top:.3f}"><title>{grid[row, column]:.0f} objects</title></rect>'
        for row in range(rows)
        for column in range(columns)
    ]
    return f'<svg viewBox="0 0 {WIDTH} {rows * cell + 12}" role="img" aria-label="Positions of objects">{"".join(parts)}</svg>'


def scatter(points: Sequence[tuple[float, float, str]], x_name: str, y_name: str) -> str:
    """Points with a name on hover."""
    if not points:
        return '<p class="empty">nothing to draw</p>'
    xs, ys = np.array([p[0] for p in points]), np.array([p[1] for p in points])
    plot_width, plot_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    x_low, x_high = _padded(xs)
    y_low, y_high = _padded(ys)
    parts = [_frame(None)]
    for x, y, name in points:
        px = LEFT + plot_width * (x - x_low) / (x_high - x_low)
        py = TOP + plot_height * (1 - (y - y_low) / (y_high - y_low))
        parts.append(f'<circle class="dot" cx="{px:.1f}" cy="{py:.1f}" r="4.5"><title>{escape(name)}</title></circle>')
    parts += [
        f'<text class="tick" x="{LEFT + plot_width * share:.1f}" y="{HEIGHT - 16}" text-anchor="middle">{number(x_low + (x_high - x_low) * share)}</text>'
        f'<text class="tick" x="{LEFT - 6}" y="{TOP + plot_height * (1 - share) + 4:.1f}" text-anchor="end">{number(y_low + (y_high - y_low) * share)}</text>'
        for share in (0, 0.5, 1)
    ]
    parts.append(f'<text class="tick" x="{WIDTH - RIGHT}" y="{HEIGHT - 3}" text-anchor="end">{escape(x_name)}</text>')
    parts.append(f'<text class="tick" x="{LEFT + 4}" y="{TOP + 8}">{escape(y_name)}</text>')
    return _svg(parts, f"{y_name} against {x_name}")


def _padded(values: NDArray[np.float64]) -> tuple[float, float]:
    room = (values.max() - values.min()) * 0.08 or 1.0
    return float(values.min() - room), float(values.max() + room)


def _frame(top: float | None) -> str:
    plot_height = HEIGHT - TOP - BOTTOM
    lines = [
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{TOP + plot_height * share:.1f}" y2="{TOP + plot_height * share:.1f}"/>'
        for share in (0, 0.5, 1)
    ]
    labels = [] if top is None else [
        f'<text class="tick" x="{LEFT - 6}" y="{TOP + plot_height * share + 4:.1f}" text-anchor="end">{number(top * (1 - share))}</text>'
        for share in (0, 0.5, 1)
    ]  # fmt: skip
    return "".join(lines + labels)


def _svg(parts: Sequence[str], label: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
