"""Reads a whole answer: lists, alternatives, relations, sets, intervals, matrices, quantities.

`read` never fails: what is no mathematics becomes a `text` node.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from lemmata.verify import units, words
from lemmata.verify.expression import Node, add, call, is_value, mul, num, sym
from lemmata.verify.normal import normal
from lemmata.verify.parse import DEGREE, Reader
from lemmata.verify.special import special
from lemmata.verify.tokens import Unreadable, tokens

RELATIONS = frozenset(("=", "<", ">", "<=", ">=", "!=", "\\in", "\\equiv", "\\approx", "\\notin"))
_SET_OPERATORS = {"\\cup": "union", "\\cap": "inter", "\\setminus": "minus"}
_NAMED_SETS = frozenset(("\\integers", "\\naturals", "\\rationals", "\\complexes"))
_SENTENCE = re.compile(
    r".*?\b(?:is|are|equals|equal to|was|be)\b[:\s]*(.+)", re.IGNORECASE | re.DOTALL
)
_ASIDE = re.compile(r"(.*\S)\s*\((?:or|i\.e\.|that is|approximately|about)\b[^()]*\)", re.DOTALL)


@lru_cache(maxsize=4096)
def read(text: str) -> Node:
    """The shape of an answer; `text` where it is words."""
    return _read(normal(text), True)


@lru_cache(maxsize=1024)
def read_list(text: str) -> Node:
    """As `read`, but every comma separates: 1,234 is then two numbers."""
    return _read(normal(text), False)


def _read(plain: str, thousands: bool) -> Node:
    found = special(plain, lambda rest: _read(rest, True))
    if found:
        return found
    try:
        return AnswerReader(tokens(plain, thousands)).answer()
    except (Unreadable, RecursionError):
        return _sentence(plain, thousands)


def _sentence(plain: str, thousands: bool) -> Node:
    """A formula at the end of words ("Area = 5", "the sum is 5"), or else the words."""
    head, equals, tail = plain.rpartition("=")
    if equals and not head.rstrip().endswith(("<", ">", "!")) and head.strip() and tail.strip():
        right = _read(tail.strip(), thousands)
        if right.head != "text" and re.search(r"[A-Za-z«]", head) and "," not in head:
            return Node("rel", (sym(f"«{head.strip()}»"), right), ("=",))
    aside = _ASIDE.fullmatch(plain)
    if aside:
        return _read(aside[1], thousands)
    match = _SENTENCE.match(plain)
    if match and match[1] != plain:
        found = _read(match[1].strip(), thousands)
        if found.head != "text":
            return found
    return Node("text", (), words.text_answer(plain))


class AnswerReader(Reader):
    """The reader of values, with the shapes that stand around and inside them."""

    in_builder = False
    keeps_approximations = False
    """Whether x ≈ 3 remains a relation; as an answer it is the value 3, approximately."""

    def answer(self) -> Node:
        clauses = [self.clause()]
        while self.take("or"):
            clauses.append(self.clause())
        if self.token.kind != "end":
            raise Unreadable(f"{self.token.text!r} at the end")
        return clauses[0] if len(clauses) == 1 else Node("or", tuple(clauses))

    def clause(self) -> Node:
        """Items joined by commas or "and"."""
        items = [self.item()]
        while self.take(",", ";", "and"):
            self.take("and")
            if self.take("or"):  # "1, 2, or 3"
                self.at -= 1
                break
            if self.token.kind == "end":
                break
            items.append(self.item())
        return items[0] if len(items) == 1 else Node("and", tuple(items))

    def item(self) -> Node:
        """A chain of relations, or one thing."""
        parts, operators = [], []
        if self.take("\\approx"):
            return Node("approx", (self.thing(),))
        if self.sees("\\in"):
            parts.append(sym("x"))
        else:
            parts.append(self.thing())
        while self.sees(*RELATIONS):
            operators.append(self.next().text)
            parts.append(self.thing())
        if self._modulus_follows():
            parts[-1] = Node("mod", (parts[-1], self.modulus()))
        elif "\\equiv" in operators and parts[-1].value == "mod":
            parts[-1] = Node("mod", parts[-1].args)
        if not operators:
            return parts[0]
        if operators[-1] == "\\approx" and not self.keeps_approximations:
            return Node("approx", (parts[-1],))
        return Node("rel", tuple(parts), tuple(operators))

    def _modulus_follows(self) -> bool:
        return self.sees("\\pmod", "\\mod", "\\pod") or (
            self.sees("(") and self.peek().text in ("mod", "\\mod")
        )

    def modulus(self) -> Node:
        braced = self.take("(")
        self.at += 1
        found = self.sum()
        if braced:
            self.expect(")")
        return found

    def thing(self) -> Node:
        """Sums joined by ∪, ∩, ∖ or a colon; then a unit."""
        found = self.measured()
        while self.token.text in _SET_OPERATORS:
            head = _SET_OPERATORS[self.next().text]
            found = Node(head, (found, self.measured()))
        if self.sees(":", "to") and not self.in_builder and is_value(found):
            parts = [found]
            while self.take(":", "to"):
                parts.append(self.sum())
            return Node("ratio", tuple(parts))
        return found

    def measured(self) -> Node:
        """A sum with the unit behind it; 5 hours 30 minutes is one quantity."""
        if self.token.text in _NAMED_SETS:
            return sym(self.next().text)
        found = self.sum()
        while self.take("mod", "\\bmod"):  # binds more loosely than + and -
            found = call("mod", found, self.sum())
        if self.token.kind == "word" and found.head == "num":
            scaled = self.scaled(found)
            found = (
                scaled
                if scaled is found
                else num(scaled.args[0].value * scaled.args[1].value)
                if scaled.args[0].head == "num"
                else scaled
            )
        unit = self.unit() if found.head != "quantity" or self.token.kind == "word" else None
        if unit is None:
            return found
        if unit.dimension == "angle":
            return found if unit.name.startswith("rad") else mul(found, DEGREE)
        if found.head == "quantity":  # "$5 dollars"
            return found
        if unit.name in ("percent", "per cent", "pct"):
            return Node("percent", (found,))
        total = Node("quantity", (found,), unit)
        if self.token.kind == "number" and unit.dimension:
            rest = self.measured()
            if rest.head != "quantity":
                raise Unreadable("a number behind a unit")
            return _sum_of_quantities(total, rest)
        return total

    def unit(self) -> units.Unit | None:
        """The unit phrase at the cursor: words, then a power, then "per" or a slash and another."""
        if self._money():
            return None
        names: list[str] = []
        while self.token.kind == "word" or self._letter_unit(bool(names)):
            names.append(self.next().text)
        if not names:
            return None
        found = units.raised(units.of_word(" ".join(names)), self._unit_power())
        if self.sees("/") and (self.peek().kind == "word" or self.peek().text in units.SHORT):
            self.at += 1
            bottom = units.of_word(self.next().text)
            found = units.ratio(found, units.raised(bottom, self._unit_power()))
        return found

    def _money(self) -> bool:
        return self.token.text == "dollar" and self.peek().kind == "number"

    def _letter_unit(self, inside: bool) -> bool:
        """A single letter is a unit only with a space before it and nothing behind it."""
        follows = self.peek()
        return (
            self.token.kind == "name"
            and (self.token.spaced or inside)
            and self.token.text in units.SHORT
            and (follows.kind == "end" or follows.text in ("/", "^", ",", "or", "and"))
        )

    def _unit_power(self) -> int:
        if not self.take("^"):
            return 1
        braced = self.take("{")
        text = self.next().text
        if braced:
            self.expect("}")
        if text not in ("1", "2", "3"):
            raise Unreadable("an unusual power of a unit")
        return int(text)

    def begins_factor(self) -> bool:
        if (
            self._letter_unit(False)
            and self.tokens[self.at - 1].kind in ("number",)
            and self._alone()
        ):
            return False
        if self.in_builder and self.sees("|"):
            return False
        return super().begins_factor()

    def _alone(self) -> bool:
        """Nothing but a number (and its sign) stood before the cursor."""
        return all(t.kind == "number" or t.text in "+-" for t in self.tokens[: self.at])

    # Shapes.

    def bracketed(self) -> Node:
        opener = self.token.text
        if opener == "{" and not self._is_set():
            return self.group()
        if opener in ("{", "\\{"):
            return self._set()
        start = self.at
        self.at += 1
        bars, self.bars_open = self.bars_open, 0
        builder, self.in_builder = self.in_builder, False
        items = [self.item()]
        while self.take(",", ";"):
            items.append(self.item())
        self.bars_open, self.in_builder = bars, builder
        closer = self.next().text
        if closer not in (")", "]", "\\rangle") or (opener == "\\langle") != (closer == "\\rangle"):
            raise Unreadable(f"{opener!r} at {start} is not closed")
        if (
            len(items) == 1
            and opener != "\\langle"
            and (opener, closer) in (("(", ")"), ("[", "]"))
        ):
            return items[0]
        if opener == "\\langle" or (opener, closer) == ("(", ")"):
            return Node("tuple", tuple(items))
        if (opener, closer) == ("[", "]"):
            return Node("bracket", tuple(items))
        if len(items) != 2:
            raise Unreadable("an interval has two ends")
        return Node("interval", tuple(items), opener + closer)

    def _is_set(self) -> bool:
        """A plain brace with a comma or a bar at its own level holds a set."""
        depth = 0
        opening = self.tokens[self.at]
        for before, token in pairwise((opening, *self.tokens[self.at : self.at + 400])):
            depth += (token.text in ("{", "(", "[", "\\{")) - (token.text in ("}", ")", "]", "\\}"))
            if depth == 1 and token.text in (",", ";"):
                return True
            if depth == 1 and token.text == "|" and before.kind == "name":
                return True
            if depth == 0:
                return False
        return False

    def _set(self) -> Node:
        closer = "\\}" if self.next().text == "\\{" else "}"
        if self.take(closer):
            return Node("empty")
        builder, self.in_builder = self.in_builder, True
        items = [self.item()]
        if self.take("|", ":"):
            self.in_builder = builder
            conditions = [self.item()]
            while self.take(",", ";", "and"):
                conditions.append(self.item())
            self.expect(closer)
            condition = conditions[0] if len(conditions) == 1 else Node("and", tuple(conditions))
            return Node("where", (items[0], condition))
        while self.take(",", ";"):
            items.append(self.item())
        self.in_builder = builder
        self.expect(closer)
        return Node("set", tuple(items))

    def environment(self) -> Node:
        """Matrices, determinants and cases between \\begin and \\end."""
        name = self._environment_name("\\begin")
        if name == "array" and self.take("{"):
            while not self.take("}"):
                self.next()
                if self.token.kind == "end":
                    raise Unreadable("an array without an end")
        rows = [[self.item()]]
        while not self.sees("\\end"):
            if self.take("&"):
                rows[-1].append(self.item())
            elif self.take("\\\\"):
                if not self.sees("\\end"):
                    rows.append([self.item()])
            elif not self.take(",", ";"):
                raise Unreadable("a matrix without an end")
        if self._environment_name("\\end") != name:
            raise Unreadable(f"\\begin{{{name}}} without its \\end")
        return _environment(name, rows)

    def _environment_name(self, command: str) -> str:
        self.expect(command)
        self.expect("{")
        name = self.next().text
        while not self.take("}"):
            name += self.next().text
            if self.token.kind == "end":
                raise Unreadable("an environment without a name")
        return name


def _environment(name: str, rows: list[list[Node]]) -> Node:
    if name == "cases":
        return Node("and", tuple(cell for row in rows for cell in row))
    if len({len(row) for row in rows}) != 1:
        raise Unreadable("rows of different lengths")
    matrix = Node("matrix", tuple(Node("row", tuple(row)) for row in rows))
    return call("det", matrix) if name == "vmatrix" else matrix


def _sum_of_quantities(first: Node, rest: Node) -> Node:
    """5 h 30 min as one quantity in the first unit. Raises Unreadable where the units disagree."""
    if rest.value.dimension != first.value.dimension:
        raise Unreadable("units that do not add")
    scaled = mul(rest.args[0], num(rest.value.factor / first.value.factor))
    return Node("quantity", (add(first.args[0], scaled),), first.value)
