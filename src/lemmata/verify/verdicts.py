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
            unsure = unsure or verdict
    return unsure or CORRECT


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
    unsure = None
    for item in ours:
        verdicts = []
        for at, other in enumerate(rest):
            verdicts.append(compare(item, other))
            if verdicts[-1].state == "correct":
                rest.pop(at)
                break
        else:
            doubtful = [v for v in verdicts if v.state == "undecided"]
            if not doubtful:
                return incorrect("a value of one side is missing from the other")
            unsure = doubtful[0]
    return unsure or CORRECT


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
