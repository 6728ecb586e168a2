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
        f'<text class="marktext" x="{at + shift:.1f}" y="{TOP - 6}" text-anchor="{anchor}">'
        f"median {number(median)}</text>"
    )
    for share, anchor in ((0, "start"), (0.25, "middle"), (0.5, "middle"), (0.75, "middle"), (1, "end")):
        x, value = LEFT + plot_width * share, low + (high - low) * share
        parts.append(_tick(x, HEIGHT - 12, number(value), anchor))
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
    return _svg(parts, "Bars", height)


def heatmap(grid: NDArray[np.float64]) -> str:
    """Where in the image objects lie: one cell per part, darker for more."""
    rows, columns = grid.shape
    cell, gap = 16, 1
    top = grid.max() or 1.0
    left = (WIDTH - columns * cell) / 2
    parts = [
        f'<rect class="cell" x="{left + column * cell:.1f}" y="{6 + row * cell}" width="{cell - gap}" '
        f'height="{cell - gap}" rx="2" style="opacity:{0.06 + 0.94 * grid[row, column] / top:.3f}">'
        f"<title>{grid[row, column]:.0f} objects</title></rect>"
        for row in range(rows)
        for column in range(columns)
    ]
    return _svg(parts, "Positions of objects", rows * cell + 12)


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
    for share in (0, 0.5, 1):
        x, y = LEFT + plot_width * share, TOP + plot_height * (1 - share) + 4
        parts.append(_tick(x, HEIGHT - 16, number(x_low + (x_high - x_low) * share), "middle"))
        parts.append(_tick(LEFT - 6, y, number(y_low + (y_high - y_low) * share), "end"))
    parts.append(_tick(WIDTH - RIGHT, HEIGHT - 3, x_name, "end"))
    parts.append(_tick(LEFT + 4, TOP + 8, y_name, "start"))
    return _svg(parts, f"{y_name} against {x_name}")


def _padded(values: NDArray[np.float64]) -> tuple[float, float]:
    room = (values.max() - values.min()) * 0.08 or 1.0
    return float(values.min() - room), float(values.max() + room)


def _frame(top: float | None) -> str:
    """Three grid lines, with their values unless `top` is None."""
    parts = []
    for share in (0, 0.5, 1):
        y = TOP + (HEIGHT - TOP - BOTTOM) * share
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        if top is not None:
            parts.append(_tick(LEFT - 6, y + 4, number(top * (1 - share)), "end"))
    return "".join(parts)


def _tick(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text class="tick" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(parts: Sequence[str], label: str, height: float = HEIGHT) -> str:
    body = "".join(parts)
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(label)}">{body}</svg>'
