"""Verdicts of parts put together into the verdict of the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lemmata.types import Verdict
from lemmata.verify import exact, normalform
from lemmata.verify.expression import Node, is_value

MOST_PAIRED = 24
"""Members of lists that are compared each with each."""
CORRECT = Verdict("correct", "equal")
Compare = Callable[[Node, Node], Verdict]


def incorrect(reason: str) -> Verdict:
    return Verdict("incorrect", reason)


def undecided(reason: str) -> Verdict:
    return Verdict("undecided", reason)


def every(verdicts: Iterable[Verdict]) -> Verdict:
    """One wrong part makes the whole wrong; else one undecided part leaves it undecided."""
    unsure = None
    for verdict in verdicts:
        if verdict.state == "incorrect":
            return verdict
        if verdict.state != "correct":
            unsure = verdict if unsure is None else unsure
    return CORRECT if unsure is None else unsure


def in_order(left: Sequence[Node], right: Sequence[Node], compare: Compare) -> Verdict:
    if len(left) != len(right):
        return incorrect(f"{len(left)} parts against {len(right)}")
    return every(compare(a, b) for a, b in zip(left, right, strict=True))


def in_any_order(left: Sequence[Node], right: Sequence[Node], compare: Compare) -> Verdict:
    """A pairing of the two; equality is transitive, so the first match of each will do."""
    if len(left) != len(right):
        return incorrect(f"{len(left)} values against {len(right)}")
    ours, rest = _without_twins(left, right)
    if len(ours) > MOST_PAIRED:
        return undecided(f"{len(ours)} values to be paired")
    for item in list(ours):
        partner = next((o for o in rest if compare(item, o).state == "correct"), None)
        if partner is not None:
            ours.remove(item)
            rest.remove(partner)
    if not ours:
        return CORRECT
    table = [[compare(item, other) for other in rest] for item in ours]
    # A member of either side for which no partner is possible settles it.
    for line in (*table, *zip(*table, strict=True)):
        if all(verdict.state == "incorrect" for verdict in line):
            return incorrect("a value of one side is missing from the other")
    return next(v for line in table for v in line if v.state == "undecided")


def _without_twins(left: Sequence[Node], right: Sequence[Node]) -> tuple[list[Node], list[Node]]:
    """Both sides without the members whose normal forms coincide, found in linear time."""
    waiting: dict[str, list[int]] = {}
    for at, item in enumerate(right):
        waiting.setdefault(_key(item), []).append(at)
    ours, paired = [], set()
    for item in left:
        places = waiting.get(_key(item))
        if places:
            paired.add(places.pop())
        else:
            ours.append(item)
    return ours, [item for at, item in enumerate(right) if at not in paired]


def _key(item: Node) -> str:
    """A text that only equal members share."""
    if is_value(item):
        try:
            return normalform.of(item).key()
        except (exact.TooCostly, exact.NotExact):
            pass
    return repr(item)


def distinct(items: Sequence[Node], compare: Compare) -> list[Node]:
    """The members of a set, each once."""
    kept: list[Node] = []
    for item in {_key(item): item for item in items}.values():
        if len(items) > MOST_PAIRED or not any(
            item == other or compare(item, other).state == "correct" for other in kept
        ):
            kept.append(item)
    return kept
