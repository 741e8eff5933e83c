"""Line plots as SVG text: no script, the same in every browser and on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 132, 14, 34
_COLOURS = ("#0b6e99", "#c2410c", "#4d7c0f", "#7e22ce", "#b91c1c", "#0f766e", "#a16207", "#475569")
_MOST_POINTS = 400
Points = Sequence[tuple[float, float]]


def lines(series: Mapping[str, Points], x: str, y: str, marks: Sequence[float] = ()) -> str:
    """An SVG of named lines of (x, y) points; `marks` are dashed uprights. "" without points."""
    drawn = {name: _thinned(points) for name, points in series.items() if points}
    if not drawn:
        return ""
    xs = [a for points in drawn.values() for a, _ in points]
    ys = [b for points in drawn.values() for _, b in points]
    frame = _Frame(min(xs), max(xs), min(0.0, min(ys)), max(ys))
    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(y)}">']
    parts += frame.axes(x, y)
    parts += [f'<path class="mark" d="M{frame.x(at)} {_TOP}V{HEIGHT - _BOTTOM}"/>' for at in marks]
    for number, (name, points) in enumerate(drawn.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        path = "L".join(f"{frame.x(a)} {frame.y(b)}" for a, b in points)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        place = _TOP + 14 + 17 * number
        parts.append(
            f'<text x="{WIDTH - _RIGHT + 10}" y="{place}" fill="{colour}">{escape(name)}</text>'
        )
    return "".join([*parts, "</svg>"])


def smoothed(points: Points, share: float = 0.1) -> list[tuple[float, float]]:
    """An exponential mean over about `share` of the points, without bias at the start."""
    keep = 1 - 1 / max(1.0, share * len(points))
    total = weight = 0.0
    found = []
    for x, y in points:
        total, weight = keep * total + y, keep * weight + 1
        found.append((x, total / weight))
    return found


def _thinned(points: Points) -> Points:
    step = max(1, -(-len(points) // _MOST_POINTS))
    return [*points[:-1:step], points[-1]]


class _Frame:
    """From values to places in the picture."""

    def __init__(self, left: float, right: float, low: float, high: float) -> None:
        self._left, self._low = left, low
        self._width, self._height = (right - left) or 1.0, (high - low) or 1.0
        self._right, self._high = right, high

    def x(self, value: float) -> str:
        share = (value - self._left) / self._width
        return f"{_LEFT + share * (WIDTH - _LEFT - _RIGHT):.1f}"

    def y(self, value: float) -> str:
        share = (value - self._low) / self._height
        return f"{HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM):.1f}"

    def axes(self, x: str, y: str) -> list[str]:
        found = []
        for part in range(5):
            value = self._low + self._height * part / 4
            found.append(f'<path class="grid" d="M{_LEFT} {self.y(value)}H{WIDTH - _RIGHT}"/>')
            found.append(
                f'<text class="end" x="{_LEFT - 6}" y="{self.y(value)}">{value:.3g}</text>'
            )
        bottom = HEIGHT - _BOTTOM + 16
        found.append(f'<text x="{_LEFT}" y="{bottom}">{self._left:.4g}</text>')
        found.append(
            f'<text class="end" x="{WIDTH - _RIGHT}" y="{bottom}">{self._right:.4g} {escape(x)}'
            "</text>"
        )
        found.append(f'<text x="{_LEFT}" y="{_TOP - 3}">{escape(y)}</text>')
        return found
