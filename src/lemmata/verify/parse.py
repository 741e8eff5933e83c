"""Reads one value (arithmetic, algebra, functions) by recursive descent; evaluates nothing.

`structure.py` builds lists, relations and sets on top of it. Depth and token count are bounded, so
reading is linear in the text.
"""

from __future__ import annotations

from collections.abc import Callable

from lemmata.verify import units, words
from lemmata.verify.composite import Composites
from lemmata.verify.expression import INFINITY, PI, Node, add, call, mul, neg, num
from lemmata.verify.primary import times
from lemmata.verify.tokens import Unreadable

DEGREE = Node("const", (), "deg")
CONSTANTS = {
    "\\pi": PI,
    "\\infty": INFINITY,
    "\\emptyset": Node("empty"),
    "\\reals": Node("all"),
    "\\degree": DEGREE,
}
_OPENING = r"""( [ { \{ \frac \sqrt \cbrt \binom \pi \lfloor \lceil \infty \begin \angle \triangle
    \overline \langle \degree"""
_OPENERS = frozenset(_OPENING.split())
"""Signs that begin a factor."""


class Reader(Composites):
    """A cursor over tokens; each method reads one construct and leaves the cursor after it."""

    # Sums and products.

    def sum(self) -> Node:
        self.deeper()
        parts = [self.signed()]
        while self.sees("+", "-", "\\pm", "\\mp"):
            sign = self.next().text
            parts.append(_with_sign(sign, self.product()))
        self.depth -= 1
        return parts[0] if len(parts) == 1 else add(*parts)

    def signed(self) -> Node:
        if self.sees("+", "-", "\\pm", "\\mp"):
            self.deeper()
            sign = self.next().text
            inner = self.signed() if self.sees("+", "-") else self.product()
            self.depth -= 1
            return _with_sign(sign, inner)
        return self.product()

    def product(self) -> Node:
        left = self.power()
        while True:
            if self.take("*"):
                left = times(left, self.factor())
            elif self.take("/"):
                left = Node("div", (left, self.factor()))
            elif self._infix_choice():
                head = "binom" if self.next().text == "C" else "perm"
                left = call(head, left, self.number())
            elif self._mixed(left):
                left = self.postfix(add(left, self._small_fraction()))
            elif self.begins_factor():
                left = times(left, self.power())
            else:
                return left

    def _infix_choice(self) -> bool:
        """12C2 and 5P2, written without spaces."""
        before, after = self.tokens[self.at - 1], self.peek()
        return (
            self.token.text in ("C", "P")
            and self.token.kind == "name"
            and before.kind == after.kind == "number"
            and not self.token.spaced
            and not after.spaced
        )

    def factor(self) -> Node:
        """One operand of an explicit × or ÷, which may carry a sign."""
        if self.sees("-", "+"):
            self.deeper()
            sign = self.next().text
            inner = self.factor()
            self.depth -= 1
            return _with_sign(sign, inner)
        return self.power()

    def begins_factor(self) -> bool:
        token = self.token
        if token.kind in ("name", "function"):
            return True
        if token.kind == "number":
            return (
                self.tokens[self.at - 1].kind not in ("number",)
                and self.tokens[self.at - 1].text != "%"
            )
        if token.kind == "word":
            return (
                len(token.text) <= 3
                and token.text not in units.TABLE
                and token.text not in ("sq", "cu")
                and token.text.isascii()
                and token.text.isalpha()
                and token.text.lower() not in words.STOP
            )
        if token.text == "|":
            return not self.bars_open and self.tokens[self.at - 1].kind in ("number", "name")
        if token.text == "(" and self.peek().text == "mod":
            return False
        return token.kind == "sign" and token.text in _OPENERS

    def _mixed(self, left: Node) -> bool:
        """2 1/3 and 2\\frac{1}{3}: an integer literal followed by a proper fraction of literals."""
        before = self.tokens[self.at - 1]
        if left.head != "num" or before.kind != "number" or not before.text.isdigit():
            return False
        top, slash, bottom = self.token, self.peek(1), self.peek(2)
        if top.kind == "number" and top.spaced and slash.text == "/" and bottom.kind == "number":
            return _proper(top.text, bottom.text)
        if top.text != "\\frac":
            return False
        texts = [self.peek(k).text for k in range(1, 7)]
        if texts[0] == "{" and texts[2:4] == ["}", "{"] and texts[5] == "}":
            return _proper(texts[1], texts[4])
        return len(texts[0]) == 2 and _proper(texts[0][:1], texts[0][1:])

    def _small_fraction(self) -> Node:
        if self.sees("\\frac"):
            return self.fraction()
        top = self.number()
        self.expect("/")
        return Node("div", (top, self.number()))

    # Powers and what stands behind a value.

    def power(self) -> Node:
        self.deeper()
        base = self.postfix(self.primary())
        while self.take("^"):
            if self.take("\\circ", "\\degree", "o") or self._braced_circle():
                base = self._degrees(base)
                continue
            if self.sees("'"):
                break
            base = self.postfix(Node("pow", (base, self.exponent())))
        self.depth -= 1
        return base

    def _braced_circle(self) -> bool:
        if (
            self.sees("{")
            and self.peek().text in ("\\circ", "\\degree")
            and self.peek(2).text == "}"
        ):
            self.at += 3
            return True
        return False

    def exponent(self) -> Node:
        self.deeper()
        if self.sees("-", "+"):
            sign = self.next().text
            found = _with_sign(sign, self.exponent())
        else:
            found = self.primary()
            if self.sees("!"):
                found = self.postfix(found)
            if self.take("^"):  # a^b^c groups to the right
                found = Node("pow", (found, self.exponent()))
        self.depth -= 1
        return found

    def postfix(self, value: Node) -> Node:
        while True:
            if self.sees("!"):
                self.at += 1
                value = call("fact2", value) if self.take("!") else Node("fact", (value,))
            elif self.take("\\degree"):
                value = self._degrees(value)
            elif self.sees("%"):
                self.at += 1
                value = Node("percent", (value,))
            else:
                return value

    def _degrees(self, value: Node) -> Node:
        """30°, 30°15', and the temperatures 30°C and 30°F."""
        if self.token.text in ("C", "F") and self.token.kind == "name":
            name = "celsius" if self.next().text == "C" else "fahrenheit"
            return Node("quantity", (value,), units.TABLE[name])
        total = value
        for part in (60, 3600):
            marks = 1 if part == 60 else 2
            if self.token.kind == "number" and all(
                self.peek(k + 1).text == "'" for k in range(marks)
            ):
                total = add(total, Node("div", (self.number(), num(part))))
                self.at += marks
        return mul(total, DEGREE)

    # What a value begins with.

    def primary(self) -> Node:
        token = self.token
        if token.kind == "number":
            return self.number()
        if token.kind == "name":
            return self.name()
        if token.kind == "word":
            return self.word()
        if token.kind == "function":
            return self.function()
        if token.text in CONSTANTS:
            self.at += 1
            return CONSTANTS[token.text]
        reader = _COMMANDS.get(token.text)
        if token.kind != "sign" or reader is None:
            raise Unreadable(f"unexpected {token.text!r}")
        self.deeper()
        found = reader(self)
        self.depth -= 1
        return found


_COMMANDS: dict[str, Callable[[Reader], Node]] = {
    "(": lambda r: r.bracketed(),
    "[": lambda r: r.bracketed(),
    "\\{": lambda r: r.bracketed(),
    "\\langle": lambda r: r.bracketed(),
    "{": lambda r: r.bracketed(),
    "\\begin": lambda r: r.environment(),
    "|": Reader.bars,
    "\\frac": Reader.fraction,
    "\\binom": Reader.binomial,
    "\\sqrt": Reader.radical,
    "\\cbrt": Reader.cube_root,
    "\\lfloor": Reader.fenced,
    "\\lceil": Reader.fenced,
    "\\angle": Reader.geometric,
    "\\triangle": Reader.geometric,
    "\\overline": Reader.geometric,
}


def _with_sign(sign: str, value: Node) -> Node:
    if sign == "-":
        return neg(value)
    return value if sign == "+" else Node("pm" if sign == "\\pm" else "mp", (value,))


def _proper(top: str, bottom: str) -> bool:
    return top.isdigit() and bottom.isdigit() and len(bottom) < 10 and 0 < int(top) < int(bottom)
