"""Reads a value with what measures it: a scale word, a unit, a second quantity behind the first."""

from __future__ import annotations

from lemmata.verify import units
from lemmata.verify.expression import Node, add, call, mul, num, sym
from lemmata.verify.parse import DEGREE, Reader
from lemmata.verify.tokens import Unreadable

_NUMERIC = frozenset(("+", "-", "*", "^", "{", "}", "/", "\\frac"))
_NAMED_SETS = frozenset(("\\integers", "\\naturals", "\\rationals", "\\complexes"))


class Measures(Reader):
    """5 cm, 3.5 million, 5 hours 30 minutes, 17 mod 5."""

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
            radians = unit.name.startswith("rad") or unit.name == "弧度"
            return Node("quantity", (found,), unit) if radians else mul(found, DEGREE)
        if found.head == "quantity":  # "$5 dollars"
            return found
        if unit.name in ("percent", "per cent", "pct"):
            return Node("percent", (found,))
        total = Node("quantity", (found,), unit)
        return self._with_parts(total) if unit.dimension else total

    def _with_parts(self, total: Node) -> Node:
        """5 hours 30 minutes, 5 hours and 30 minutes."""
        if self._smaller_part(total.value):
            self.at += 1
        if self.token.kind != "number":
            return total
        rest = self.measured()
        if rest.head != "quantity":
            raise Unreadable("a number behind a unit")
        return _sum_of_quantities(total, rest)

    def _smaller_part(self, unit: units.Unit) -> bool:
        """3 hours and 20 minutes, 3 hours, 20 minutes."""
        if not self.sees("and", ",") or self.peek().kind != "number":
            return False
        part = units.TABLE.get(self.peek(2).text) if self.peek(2).kind == "word" else None
        return part is not None and part.dimension == unit.dimension and part.factor < unit.factor

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
            and (
                follows.kind == "end"
                or follows.text in ("/", "^", ",", "or", "and")
                or (follows.kind == "number" and self.peek(2).text in units.TABLE)
            )
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
            and (self.tokens[self.at - 1].kind == "number" or self.tokens[self.at - 1].text == "}")
            and self._alone()
        ):
            return False
        return super().begins_factor()

    def _alone(self) -> bool:
        """Nothing but numbers and signs stood before the cursor, on this side of a relation."""
        for token in reversed(self.tokens[: self.at]):
            if token.text == "=":
                break
            if token.kind != "number" and token.text not in _NUMERIC:
                return False
        return True


def _sum_of_quantities(first: Node, rest: Node) -> Node:
    """5 h 30 min as one quantity in the first unit. Raises Unreadable where the units disagree."""
    if rest.value.dimension != first.value.dimension:
        raise Unreadable("units that do not add")
    scaled = mul(rest.args[0], num(rest.value.factor / first.value.factor))
    return Node("quantity", (add(first.args[0], scaled),), first.value)
