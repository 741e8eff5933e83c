"""Inputs of an exercise's function: how they are made, how large they are, what is smaller."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One argument. Lists and texts have `least` to `most` items; integers lie in [low, high]."""

    name: str
    kind: Literal["int", "text", "list", "choice"]
    low: int = 0
    high: int = 10
    least: int = 0
    most: int = 8
    letters: str = "ab"
    items: Kind | None = None
    sorted: bool = False
    distinct: bool = False
    values: tuple[Any, ...] = ()
    grows: bool = False
    """Its length (or, of an integer, its value) is the size by which cost is measured."""

    def make(self, rng: Random, size: int) -> Any:
        """A value about as large as `size` allows."""
        if self.kind == "choice":
            return rng.choice(self.values)
        if self.kind == "int":
            return rng.randint(max(self.low, -size), max(self.low, min(self.high, size)))
        length = rng.randint(self.least, max(self.least, min(self.most, size)))
        return self._filled(rng, length, size)

    def make_wide(self, rng: Random) -> Any:
        """A value from anywhere in the description: its ends, round numbers, and what lies
        between."""
        if self.kind == "choice":
            return rng.choice(self.values)
        if self.kind == "int":
            return self._anywhere(rng)
        length = rng.randint(self.least, max(self.least, self.most))
        if self.kind == "list" and self.items is not None and not self.distinct:
            filled = [self.items.make_wide(rng) for _ in range(length)]
            return sorted(filled) if self.sorted else filled
        return self._filled(rng, length, max(self.most, 12))

    def _anywhere(self, rng: Random) -> int:
        ends = (self.low, self.low + 1, self.high - 1, self.high)
        unit = 10 ** rng.randint(1, max(1, len(str(self.high))))
        round_one = rng.randint(0, 40) * unit
        drawn = rng.choice((rng.choice(ends), round_one, rng.randint(self.low, self.high)))
        return drawn if self.low <= drawn <= self.high else rng.randint(self.low, self.high)

    def make_large(self, rng: Random, size: int) -> Any:
        """The value of exactly this size where the argument grows; an ordinary one elsewhere."""
        if not self.grows:
            return self.make(rng, 8)
        if self.kind == "int":
            return size
        return self._filled(rng, size, max(10, size))

    def smaller(self, value: Any) -> Iterator[Any]:
        """Simpler values, the boldest first."""
        if self.kind == "choice":
            yield from self.values[: self.values.index(value)]
        elif self.kind == "int":
            yield from _nearer(value, self._origin(), self.low, self.high)
        elif self.kind == "text":
            yield from self._shorter(value)
            first = self.letters[0]
            for place, letter in enumerate(value):
                if letter != first:
                    yield value[:place] + first + value[place + 1 :]
        else:
            yield from filter(self.allows, self._simpler_list(value))

    def allows(self, value: Any) -> bool:
        """Whether the description covers a value."""
        if self.kind == "choice":
            return value in self.values
        if self.kind == "int":
            return isinstance(value, int) and self.low <= value <= self.high
        if not self.least <= len(value) <= max(self.most, self.least):
            return False
        if self.kind == "text" or self.items is None:
            return True
        return (
            all(self.items.allows(item) for item in value)
            and (not self.sorted or value == sorted(value))
            and (not self.distinct or len(set(map(repr, value))) == len(value))
        )

    def _filled(self, rng: Random, length: int, size: int) -> Any:
        if self.kind == "text":
            return "".join(rng.choice(self.letters) for _ in range(length))
        assert self.items is not None
        if self.distinct and self.items.kind == "int":
            values = _distinct(rng, self.items, length, size)
        else:
            values = [self.items.make(rng, size) for _ in range(length)]
        return sorted(values) if self.sorted else values

    def _origin(self) -> int:
        return min(max(0, self.low), self.high)

    def _shorter(self, value: Any) -> Iterator[Any]:
        if len(value) // 2 >= self.least and len(value) > 1:
            yield value[: len(value) // 2]
            yield value[len(value) // 2 :]
        if len(value) > self.least:
            yield from (value[:place] + value[place + 1 :] for place in range(len(value)))

    def _simpler_list(self, value: list[Any]) -> Iterator[list[Any]]:
        assert self.items is not None
        yield from self._shorter(value)
        for place, item in enumerate(value):
            for simpler in self.items.smaller(item):
                changed = [*value[:place], simpler, *value[place + 1 :]]
                yield sorted(changed) if self.sorted else changed


def kind_of(row: dict[str, Any]) -> Kind:
    """The kind that a table of an exercise file describes. Raises ValueError, TypeError."""
    if row.get("kind") not in ("int", "text", "list", "choice"):
        raise ValueError(f"an input is of kind {row.get('kind')!r}, not int, text, list or choice")
    if "items" in row:
        row["items"] = kind_of({"name": "item", **row["items"]})
    if row["kind"] == "list" and "items" not in row:
        raise ValueError("an input of kind list says nothing about its items")
    if "values" in row:
        row["values"] = tuple(row["values"])
    return Kind(**row)


def weight(value: Any) -> tuple[int, int]:
    """How large a value is to a reader: its length written down, then its magnitude."""
    if isinstance(value, (list, tuple)):
        inner = [weight(item) for item in value]
        return 2 + 2 * len(inner) + sum(w[0] for w in inner), sum(w[1] for w in inner)
    if isinstance(value, int):
        return len(str(value)), 2 * abs(value) + (value < 0)
    return len(str(value)), sum(map(ord, str(value)))


def draw(kinds: tuple[Kind, ...], rng: Random, count: int) -> Iterator[Values]:
    """`count` inputs, small ones first."""
    for number in range(count):
        size = number * 12 // count
        yield tuple(kind.make(rng, size) for kind in kinds)


def simpler(kinds: tuple[Kind, ...], values: Values) -> Iterator[Values]:
    """Every input that differs from this one by one step to something simpler."""
    for place, kind in enumerate(kinds):
        for value in kind.smaller(values[place]):
            yield (*values[:place], value, *values[place + 1 :])


def _nearer(value: int, origin: int, low: int, high: int) -> Iterator[int]:
    units = [10**place for place in range(1, len(str(abs(value))))]
    sign = -1 if value < 0 else 1
    rounder = [value - sign * times * unit for unit in reversed(units) for times in (2, 1)]
    steps = (
        origin, origin + 1, abs(value), (value + origin) // 2, value // 10, *rounder, value - 1,
        value + 1,
    )  # fmt: skip
    for step in dict.fromkeys(steps):
        if low <= step <= high and (abs(step), step < 0) < (abs(value), value < 0):
            yield step


def _distinct(rng: Random, items: Kind, length: int, size: int) -> list[int]:
    low, high = max(items.low, -2 * size), min(items.high, 2 * max(size, length))
    high = min(items.high, max(high, low + length - 1))
    return rng.sample(range(low, high + 1), min(length, high - low + 1))
