"""Which rules a rule of a grammar may begin with, and in how many ways.

libllama walks all these ways, and keeps a stack for each. Where one leads back to its own
beginning, with something left to come after it, there is no end to them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from lemmata.errors import BadInput

if TYPE_CHECKING:
    from lemmata.engines.llama.gbnf_limits import Item, Rule

MOST_STEPS = 10_000_000
"""Elements looked at on all ways together: a few hundredths of a second."""
LONGEST_WAY = 10_000
"""Rules that begin with each other: each takes a piece of libllama's stack."""


def check_corners(rules: Mapping[str, Rule]) -> None:
    """Raises BadInput."""
    corners = _Corners(rules)
    steps = sum(corners.walk(name) for name in sorted(rules, key=lambda name: name != "root"))
    if steps > MOST_STEPS:
        raise BadInput("the grammar has too many ways to begin", "Ask for a simpler form.")


class _Corners:
    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self._rules = rules
        self._empty = _may_be_empty(rules)
        self._steps: dict[str, int] = {}
        self._depths: dict[str, int] = {}

    def walk(self, start: str) -> int:
        """Steps of all ways from a rule that no walk has passed yet; else 0."""
        if start in self._steps:
            return 0
        path = {start: iter(self._first(start))}
        while path:
            name = next(reversed(path))
            following = next((i.rule for i in path[name] if i.rule not in self._steps), None)
            if following is None:
                del path[name]
                self._count(name)
            elif following in path:
                raise BadInput(
                    "the grammar cannot be used: left recursion, a rule begins with itself"
                )
            else:
                path[following] = iter(self._first(following))
        return self._steps[start]

    def _first(self, name: str) -> Iterator[Item]:
        """The references that the rule may begin with. To begin with itself once nothing comes
        after it is no way of its own."""
        for way in self._rules[name].ways:
            for number, item in enumerate(way):
                known = item.rule is not None and item.rule in self._rules
                if known and not (item.rule == name and number == len(way) - 1):
                    yield item
                if item.rule not in self._empty:
                    break

    def _count(self, name: str) -> None:
        rule = self._rules[name]
        steps, depth = rule.size, 0
        for item in self._first(name):
            assert item.rule is not None
            often = item.times if item.rule in self._empty else 1
            steps += often * self._steps[item.rule]
            depth = max(depth, self._depths[item.rule])
        again = any(self._skips(way) for way in rule.ways if way)
        self._steps[name] = min(steps * (rule.copies if again else 1), 2 * MOST_STEPS)
        self._depths[name] = depth + (rule.copies if again else 1)
        if self._depths[name] > LONGEST_WAY:
            raise BadInput("the grammar's rules begin with each other too often")

    def _skips(self, way: list[Item]) -> bool:
        return all(item.rule in self._empty for item in way)


def _may_be_empty(rules: Mapping[str, Rule]) -> set[str]:
    """The rules that may stand for nothing."""
    users = defaultdict[str, list[tuple[str, int]]](list)
    left: dict[tuple[str, int], int] = {}
    for name, rule in rules.items():
        for number, way in enumerate(rule.ways):
            left[name, number] = len(way)
            for item in way:
                if item.rule is not None:
                    users[item.rule].append((name, number))
    empty: set[str] = set()
    found = [name for (name, _), count in left.items() if not count]
    while found:
        if (name := found.pop()) in empty:
            continue
        empty.add(name)
        for way_of in users[name]:
            left[way_of] -= 1
            if not left[way_of]:
                found.append(way_of[0])
    return empty
