"""Reads what stands alone: numbers, names, C(n, k) in its spellings, number words, functions."""

from __future__ import annotations

from fractions import Fraction

from lemmata.verify import units, words
from lemmata.verify.cursor import Cursor
from lemmata.verify.expression import IMAGINARY, E, Node, call, mul, neg, num, sym
from lemmata.verify.tokens import Token, Unreadable

LITERAL_DIGITS = 4000
CLOSERS = {
    "(": ")",
    "[": "]",
    "{": "}",
    "\\{": "\\}",
    "\\lfloor": "\\rfloor",
    "\\lceil": "\\rceil",
    "\\langle": "\\rangle",
}
_NO_FACTORS = frozenset(("rel", "quantity", "and", "or", "approx", "mod"))
_RENAMED = {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}
_INVERSE = {"sin": "arcsin", "cos": "arccos", "tan": "arctan", "cot": "arccot"}


class Primaries(Cursor):
    """Numbers, names and functions; sums, powers and brackets are the reader's own."""

    def sum(self) -> Node:
        raise NotImplementedError

    def power(self) -> Node:
        raise NotImplementedError

    def exponent(self) -> Node:
        raise NotImplementedError

    def primary(self) -> Node:
        raise NotImplementedError

    def postfix(self, value: Node) -> Node:
        raise NotImplementedError

    def begins_factor(self) -> bool:
        raise NotImplementedError

    def group(self) -> Node:
        raise NotImplementedError

    def radical(self) -> Node:
        raise NotImplementedError

    def number(self) -> Node:
        text = self.next().text
        if len(text) > LITERAL_DIGITS:
            raise Unreadable("a number of more than 4000 digits")
        exponent = self.token
        if exponent.text in ("e", "E") and not exponent.spaced and self._scientific():
            return num(Fraction(text) * self._power_of_ten())
        return num(Fraction(text))

    def _scientific(self) -> bool:
        sign = self.peek(1).text in ("+", "-")
        return (
            self.peek(1 + sign).kind == "number"
            and not self.peek(1 + sign).spaced
            and self.peek(1 + sign).text.isdigit()
        )

    def _power_of_ten(self) -> Fraction:
        self.at += 1
        sign = self.next().text if self.sees("+", "-") else "+"
        power = int(self.next().text[:6])
        if power > LITERAL_DIGITS:
            raise Unreadable("an exponent out of range")
        return Fraction(10) ** (-power if sign == "-" else power)

    def name(self) -> Node:
        token = self.next()
        if token.text in ("C", "P", "A") and (found := self._counting(token.text)):
            return found
        if token.text == "e" and not self.sees("_"):
            return E
        if token.text == "i" and not self.sees("_"):
            return IMAGINARY
        name = token.text + self._subscript()
        while self.sees("'") and not self.token.spaced:
            self.at += 1
            name += "'"
        return sym(name)

    def _subscript(self) -> str:
        if not self.take("_"):
            return ""
        if not self.take("{"):
            return "_" + self.next().text
        texts: list[str] = []
        while not self.sees("}"):
            if self.token.kind == "end" or len(texts) > 20:
                raise Unreadable("a subscript without an end")
            texts.append(self.next().text)
        self.expect("}")
        return "_" + "".join(texts)

    def _counting(self, letter: str) -> Node | None:
        """C(12,2), C_{12}^{2}, C^2_{12} and their like for P and A (permutations)."""
        head, start = "binom" if letter == "C" else "perm", self.at
        try:
            if self.sees("("):
                args = self.arguments()
            elif self.take("_"):
                top = self.primary()
                args = [top, self.primary()] if self.take("^") else []
            elif self.take("^"):
                bottom = self.primary()
                args = [self.primary(), bottom] if self.take("_") else []
            else:
                args = []
        except Unreadable:
            args = []
        if len(args) == 2:
            return call(head, *args)
        self.at = start
        return None

    def word(self) -> Node:
        """Number words, money before its amount, nCr(…), or a product of up to three letters."""
        token = self.next()
        text = token.text
        if text in ("nCr", "nPr", "comb", "perm", "binom", "binomial") and self.sees("("):
            args = self.arguments()
            if len(args) == 2:
                return call("perm" if text in ("nPr", "perm") else "binom", *args)
        if (
            text in ("dollar", "yuan", "euro", "pound-sterling", "US", "USD", "RMB")
            and self.token.kind == "number"
        ):
            unit = units.TABLE.get(text, units.TABLE["dollar"])
            return Node("quantity", (self.scaled(self.number()),), unit)
        value = words.number([text] + [t.text for t in self.tokens[self.at : self.at + 40]])
        if value:
            self.at += value[1] - 1
            return num(value[0])
        if len(text) <= 3 and text.isascii() and text.isalpha() and text.lower() not in words.STOP:
            self.at -= 1
            self.tokens[self.at : self.at + 1] = [Token("name", letter) for letter in text]
            return self.name()
        raise Unreadable(f"the word {text!r}")

    def scaled(self, value: Node) -> Node:
        """3.5 million."""
        scale = words.SCALES.get(self.token.text.lower()) if self.token.kind == "word" else None
        if scale is None:
            return value
        self.at += 1
        return self.scaled(mul(value, num(scale)))

    def function(self) -> Node:
        name = _RENAMED.get(self.token.text, self.token.text)
        self.at += 1
        if name == "sqrt" and self.sees("["):
            return self.radical()
        base = None
        exponent = None
        for _ in range(2):
            if self.take("_"):
                base = self.primary()
            elif self.take("^"):
                exponent = self.exponent()
        if exponent == num(-1) and name in _INVERSE:
            name, exponent = _INVERSE[name], None
        value = _application(name, base, self.argument(name))
        return Node("pow", (value, exponent)) if exponent else value

    def argument(self, name: str) -> list[Node]:
        """In brackets, or the product that follows: sin 2x, ln 3, sqrt2."""
        if self.sees("(", "[", "\\{"):
            return self.arguments()
        if self.sees("{"):
            return [self.group()]
        if name in ("sqrt", "cbrt"):
            return [self.postfix(self.primary())]
        sign = self.take("-")
        found = self.power()
        while self.begins_factor() and self.token.kind != "function" and not self.sees("(", "["):
            found = times(found, self.power())
        return [neg(found) if sign else found]

    def arguments(self) -> list[Node]:
        closer = CLOSERS[self.next().text]
        args = [self.sum()]
        while self.take(",", ";"):
            args.append(self.sum())
        self.expect(closer)
        return args


def times(left: Node, right: Node) -> Node:
    """A product. Raises Unreadable for a factor that is a relation or has a unit: 2 (x = 1)."""
    if {left.head, right.head} & _NO_FACTORS:
        raise Unreadable("a factor that is no value")
    return Node("mul", (*left.args, right)) if left.head == "mul" else mul(left, right)


def _application(name: str, base: Node | None, args: list[Node]) -> Node:
    """The node of a function; logarithms and roots have heads of their own."""
    first = args[0]
    if name in ("sqrt", "cbrt"):
        return Node("root", (first, num(2 if name == "sqrt" else 3)))
    if name == "factorial":
        return Node("fact", (first,))
    if name == "cis":
        return Node("pow", (E, mul(IMAGINARY, first)))
    if name == "exp":
        return Node("pow", (E, first))
    if name in ("log", "ln", "lg"):
        if len(args) == 2:
            base = args[1]
        default = {"ln": E, "lg": num(10)}.get(name, Node("const", (), "logbase"))
        return call("log", first, base or default)
    return call(name, *args)
