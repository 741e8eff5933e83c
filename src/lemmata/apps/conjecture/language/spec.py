"""A conjecture: for every point of a domain where a guard holds, a claim holds.

Two forms, equal in meaning: JSON (`Spec.to_json`, `from_json`), and text for people to edit:

    for integer n in 4.. where even(n):
      exists p in 2..n: prime(p) and prime(n - p)

    for real x, y in 0..; integer n in 1..9: (x + y)^n >= x^n + y^n
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from lemmata.apps.conjecture.language.check import check_name, check_truth
from lemmata.apps.conjecture.language.parse import Reader, parse
from lemmata.apps.conjecture.language.syntax import Node, Type
from lemmata.apps.conjecture.language.write import write
from lemmata.errors import BadInput

Sort = Literal["integer", "real", "graph"]
_TYPES: dict[str, Type] = {"integer": "int", "real": "real", "graph": "graph"}
VERSION = 1
MAX_VARIABLES = 6
MAX_VERTICES = 12


@dataclass(frozen=True, slots=True)
class Variable:
    """`low` and `high` are included, None is no bound; of a graph they bound its vertices."""

    name: str
    sort: Sort
    low: Fraction | None = None
    high: Fraction | None = None

    @property
    def type(self) -> Type:
        return _TYPES[self.sort]


@dataclass(frozen=True, slots=True)
class Spec:
    """A checked conjecture; build it with `make`, `from_text` or `from_json`."""

    variables: tuple[Variable, ...]
    guard: Node | None
    claim: Node
    statement: str = ""
    """The words it came from; they have no part in the meaning or in the hash."""

    @property
    def scope(self) -> dict[str, Type]:
        return {variable.name: variable.type for variable in self.variables}

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text().encode()).hexdigest()

    @property
    def finite(self) -> bool:
        """Whether the domain is a finite set."""
        return all(
            v.high is not None and (v.low is not None or v.sort == "graph") and v.sort != "real"
            for v in self.variables
        )

    def text(self) -> str:
        """The text form, canonical: equal specs have equal texts."""
        groups = "; ".join(
            f"{v.sort} {', '.join(names)} in {_range(v)}" for names, v in grouped(self.variables)
        )
        where = f" where {write(self.guard)}" if self.guard is not None else ""
        return f"for {groups}{where}:\n  {write(self.claim)}"

    def to_json(self) -> dict[str, Any]:
        return {
            "lemmata_conjecture": VERSION,
            "statement": self.statement,
            "variables": [
                {"name": v.name, "sort": v.sort, "low": _bound(v.low), "high": _bound(v.high)}
                for v in self.variables
            ],
            "guard": write(self.guard) if self.guard is not None else None,
            "claim": write(self.claim),
        }


def make(
    variables: tuple[Variable, ...], guard: Node | None, claim: Node, statement: str = ""
) -> Spec:
    """Check a conjecture. Raises BadInput with what is wrong."""
    if not 1 <= len(variables) <= MAX_VARIABLES:
        raise BadInput(f"a conjecture has 1 to {MAX_VARIABLES} variables, not {len(variables)}")
    names = [check_name(variable.name) for variable in variables]
    if len(set(names)) != len(names):
        raise BadInput("two variables have one name", "Rename one.")
    for variable in variables:
        _check_range(variable)
    if len(variables) > 1 and any(variable.sort == "graph" for variable in variables):
        raise BadInput("a graph must be the only variable", "Write the others as bounded ranges.")
    scope = {variable.name: variable.type for variable in variables}
    guard = check_truth(guard, scope, "guard") if guard is not None else None
    return Spec(variables, guard, check_truth(claim, scope, "claim"), statement)


def _check_range(variable: Variable) -> None:
    low, high = variable.low, variable.high
    if low is not None and high is not None and low > high:
        raise BadInput(f"the range of {variable.name} is empty", "Swap its ends.")
    if variable.sort != "real" and any(b is not None and b.denominator != 1 for b in (low, high)):
        raise BadInput(f"the range of {variable.name} must end in whole numbers")
    if variable.sort == "graph" and not 1 <= (low or 1) <= (high or 1 + (low or 1)):
        raise BadInput("a graph has at least one vertex")
    if variable.sort == "graph" and (high or low or 1) > MAX_VERTICES:
        raise BadInput(f"graphs have at most {MAX_VERTICES} vertices here")


def grouped(variables: tuple[Variable, ...]) -> list[tuple[list[str], Variable]]:
    """Neighbours with one sort and range, together."""
    groups: list[tuple[list[str], Variable]] = []
    for variable in variables:
        last = groups[-1][1] if groups else None
        kind = (variable.sort, variable.low, variable.high)
        if last is not None and (last.sort, last.low, last.high) == kind:
            groups[-1][0].append(variable.name)
        else:
            groups.append(([variable.name], variable))
    return groups


def from_text(text: str, statement: str = "") -> Spec:
    """Read the text form. Raises BadInput that says where it went wrong."""
    body = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    reader = Reader(body)
    reader.expect("for")
    variables = _group(reader)
    while reader.take(";"):
        variables += _group(reader)
    guard = reader.statement() if reader.take("where") else None
    reader.expect(":")
    claim = reader.statement()
    reader.expect("")
    return make(tuple(variables), guard, claim, statement)


def _group(reader: Reader) -> list[Variable]:
    sort = reader.take(*_TYPES) or "integer"
    names = [reader.name()]
    while reader.take(","):
        names.append(reader.name())
    reader.expect("in")
    low = None if reader.next().text == ".." else _literal(reader)
    reader.expect("..")
    ends = reader.next().text in {":", ";", "where"}
    high = None if ends else _literal(reader)
    return [Variable(name, sort, low, high) for name in names]  # type: ignore[arg-type]


def _literal(reader: Reader) -> Fraction:
    negative = reader.take("-") is not None
    if reader.next().kind != "number":
        raise reader.fault("expected a number")
    value = Fraction(reader.take(reader.next().text) or "0")
    if reader.take("/"):
        below = Fraction(reader.take(reader.next().text) or "0")
        if below == 0:
            raise reader.fault("expected a divisor other than 0")
        value /= below
    return -value if negative else value


def from_json(document: Any, statement: str = "") -> Spec:
    """Read the JSON form. Raises BadInput on anything that is not one."""
    if not isinstance(document, dict) or document.get("lemmata_conjecture") != VERSION:
        raise BadInput(
            f"not a conjecture of version {VERSION}", 'It needs "lemmata_conjecture": 1.'
        )
    unknown = set(document) - {"lemmata_conjecture", "statement", "variables", "guard", "claim"}
    if unknown:
        raise BadInput(f"unknown field {min(unknown)!r} in the conjecture", "Remove it.")
    rows, guard, claim = (document.get(key) for key in ("variables", "guard", "claim"))
    said = document.get("statement", "")
    if not isinstance(rows, list) or not isinstance(claim, str) or not isinstance(said, str):
        raise BadInput("a conjecture needs `variables` (a list) and `claim` (text)")
    if guard is not None and not isinstance(guard, str):
        raise BadInput("the guard must be text or null")
    return make(
        tuple(_variable(row) for row in rows),
        parse(guard) if guard else None,
        parse(claim),
        statement or said[:4000],
    )


def _variable(row: Any) -> Variable:
    if not isinstance(row, dict) or row.get("sort") not in _TYPES:
        raise BadInput('a variable is {"name", "sort": integer|real|graph, "low", "high"}')
    if not isinstance(row.get("name"), str) or set(row) - {"name", "sort", "low", "high"}:
        raise BadInput('a variable is {"name", "sort": integer|real|graph, "low", "high"}')
    return Variable(row["name"], row["sort"], _fraction(row.get("low")), _fraction(row.get("high")))


def _fraction(value: Any) -> Fraction | None:
    if value is None:
        return None
    if not isinstance(value, int | str) or isinstance(value, bool) or len(str(value)) > 60:
        raise BadInput(f"{str(value)[:40]!r} is not a bound", 'Write 4, "1/2" or null.')
    try:
        if isinstance(value, str) and "e" in value.lower():
            raise ValueError  # 1e999999999 would be written out
        return Fraction(value)
    except (ValueError, ZeroDivisionError):
        raise BadInput(f"{str(value)[:40]!r} is not a bound", 'Write 4, "1/2" or null.') from None


def read(text: str, statement: str = "") -> Spec:
    """Either form, told apart by the first sign. Raises BadInput."""
    if not text.lstrip().startswith("{"):
        return from_text(text, statement)
    try:
        return from_json(json.loads(text), statement)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadInput(f"the conjecture is not JSON: {error}") from None


def _range(variable: Variable) -> str:
    return f"{_end(variable.low)}..{_end(variable.high)}"


def _end(bound: Fraction | None) -> str:
    return "" if bound is None else str(bound)


def _bound(bound: Fraction | None) -> int | str | None:
    if bound is None:
        return None
    return bound.numerator if bound.denominator == 1 else str(bound)
