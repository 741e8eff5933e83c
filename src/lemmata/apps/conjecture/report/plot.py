"""The curve of the nearest misses as a plain SVG file; numbers and text only, no script."""

from __future__ import annotations

import math
from html import escape

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 720, 360, 90, 20, 40, 50
_FLOOR, _WALL = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT


def svg(curve: list[tuple[float, float]], title: str, x_label: str, y_label: str) -> str:
    """A scatter of (x, y). An axis over more than three orders of magnitude is logarithmic."""
    points = [(x, y) for x, y in curve if math.isfinite(x) and math.isfinite(y)]
    across = _Axis([x for x, _ in points], _LEFT, _WIDTH - _RIGHT)
    upward = _Axis([y for _, y in points], _HEIGHT - _BOTTOM, _TOP)
    dots = "".join(
        f'<circle cx="{across.at(x):.1f}" cy="{upward.at(y):.1f}" r="2"/>' for x, y in points
    )
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'font-family="sans-serif" font-size="12" role="img" aria-label="{escape(title)}">'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
        f'<text x="{_LEFT}" y="22" font-size="14">{escape(_short(title))}</text>'
        f'<g stroke="#ccc">{_lines(across, upward)}</g>'
        f'<g fill="#1f5fbf" fill-opacity="0.7">{dots}</g>'
        f'<g fill="#333">{_labels(across, upward)}'
        f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 10}" text-anchor="middle">{escape(x_label)}</text>'
        f'<text x="16" y="{middle}" text-anchor="middle" '
        f'transform="rotate(-90 16 {middle})">{escape(y_label)}</text></g></svg>\n'
    )


def _short(text: str) -> str:
    return text if len(text) <= 90 else f"{text[:88]}…"


class _Axis:
    """Maps values to places between two ends."""

    def __init__(self, values: list[float], start: float, end: float) -> None:
        self.low, self.high = min(values, default=0.0), max(values, default=1.0)
        if self.low == self.high:
            self.high = self.low + 1
        self.logarithmic = self.low > 0 and self.high / self.low > 1000
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        low, high, here = self.low, self.high, value
        if self.logarithmic:
            low, high, here = math.log(low), math.log(high), math.log(value)
        return self._start + (here - low) / (high - low) * (self._end - self._start)

    @property
    def ticks(self) -> list[float]:
        if self.logarithmic:
            first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
            return [10.0**k for k in range(first, last + 1, max(1, (last - first) // 6))]
        step = 10 ** math.floor(math.log10((self.high - self.low) / 4))
        while (self.high - self.low) / step > 7:
            step *= 2 if (self.high - self.low) / step <= 14 else 5
        first = math.ceil(self.low / step)
        return [k * step for k in range(first, math.floor(self.high / step) + 1)]


def _lines(across: _Axis, upward: _Axis) -> str:
    down = "".join(
        f'<line x1="{across.at(t):.1f}" x2="{across.at(t):.1f}" y1="{_TOP}" y2="{_FLOOR}"/>'
        for t in across.ticks
    )
    return down + "".join(
        f'<line x1="{_LEFT}" x2="{_WALL}" y1="{upward.at(t):.1f}" y2="{upward.at(t):.1f}"/>'
        for t in upward.ticks
    )


def _labels(across: _Axis, upward: _Axis) -> str:
    below = "".join(
        f'<text x="{across.at(t):.1f}" y="{_FLOOR + 18}" text-anchor="middle">{t:g}</text>'
        for t in across.ticks
    )
    return below + "".join(
        f'<text x="{_LEFT - 8}" y="{upward.at(t) + 4:.1f}" text-anchor="end">{t:g}</text>'
        for t in upward.ticks
    )
