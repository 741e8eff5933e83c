"""`there is a prime p with n < p < 2n`: a quantifier inside a claim needs both its ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from lemmata.apps.conjecture.formalise.domains import Things, constant
from lemmata.apps.conjecture.formalise.numbers import ONE, TWO, number
from lemmata.apps.conjecture.formalise.parts import Ambiguous, Names, NotUnderstood
from lemmata.apps.conjecture.formalise.sums import after
from lemmata.apps.conjecture.language.syntax import (
    Bind,
    Call,
    Compare,
    Connect,
    Name,
    Node,
    conjunction,
    conjuncts,
    free_names,
)

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def own(things: Things, kept: set[str]) -> tuple[str, int | None]:
    """The one new integer that a quantifier inside a claim is about, and its least value."""
    name = things.names[0]
    if len(things.names) != 1 or name in kept or things.value is not None:
        raise NotUnderstood(f"{name!r} is no new variable")
    if things.sort != "integer":
        raise NotUnderstood("only integers can be quantified inside a claim")
    low = 2 if Call("prime", (Name(name),)) in things.guards else things.low
    return name, None if low is None else int(low)


def quantified(
    kind: Literal["exists", "forall"],
    name: str,
    low: int | None,
    conditions: Sequence[Node],
    claim: Node | None = None,
) -> Node:
    """The bound statement over the integers `name`, at least `low`, that meet the conditions.

    One condition must say where `name` ends, and one where it begins unless `low` does.
    Raises NotUnderstood otherwise: a range without ends cannot be searched.
    """
    rest = [part for condition in conditions for part in conjuncts(condition)]
    ends: dict[str, Node] = {}
    for part in tuple(rest):
        side, end = _end(part, name)
        if end is not None and side not in ends:
            ends[side] = end
            rest.remove(part)
    said = ends.get("low")
    prime = Call("prime", (Name(name),)) in rest  # none is below 2, wherever the range begins
    first = said if prime and said is not None else _first(low, said)
    if first is None or "high" not in ends:
        raise Ambiguous(f"it is not said between which numbers {name} lies")
    return Bind(kind, name, first, ends["high"], _body(kind, conjunction(tuple(rest)), claim))


def _body(kind: str, condition: Node | None, claim: Node | None) -> Node:
    if condition is None or claim is None:
        whole = claim or condition
        if whole is None:
            raise NotUnderstood("it is not said of what it is claimed")
        return whole
    return Connect("->" if kind == "forall" else "and", condition, claim)


def _first(low: int | None, said: Node | None) -> Node | None:
    """Where the range begins: as said, but not below what the noun allows."""
    if said is None or low is None:
        return said if low is None else number(low)
    value = constant(said)
    if value is not None:
        return number(max(low, int(value)))
    return Call("max", (number(low), said))


def _end(part: Node, name: str) -> tuple[str, Node | None]:
    """Which end of the name's range a comparison says, and where it is; ends are included."""
    if not isinstance(part, Compare) or part.op not in _TURNED:
        return "", None
    one, op, other = part.left, str(part.op), part.right
    if other == Name(name):
        one, op, other = other, _TURNED[op], one
    if one != Name(name) or name in free_names(other):
        return "", None
    if op in {">", ">="}:
        return "low", after(other, 1) if op == ">" else other
    return "high", after(other, -1) if op == "<" else other


def factor(subject: Node, kinds: Sequence[str], names: Names, limit: Compare | None) -> Node:
    """The subject has a factor of these kinds, 1 among them; the limit's right side bounds it."""
    name = names.fresh("p" if "prime" in kinds else "d")
    parts = [Call(kind, (Name(name),)) for kind in kinds]
    parts.append(Call("divides", (Name(name), subject)))
    bounded = [] if limit is None else [Compare(limit.op, Name(name), limit.right)]
    body = conjunction((*parts, *bounded))
    assert body is not None
    return Bind("exists", name, TWO if "prime" in kinds else ONE, subject, body)
