r"""Formulas as people write them: LaTeX, Unicode or plain ASCII, with products left unsaid.

`2n^2 + n(n-1)`, `\frac{a}{b} \ge 2`, `n \mid 2^n - 2`, `F_n`, `\sum_{k=1}^{n} k^3`,
`a ≡ 1 (mod 4)`.
"""

from __future__ import annotations

from fractions import Fraction

from lemmata.apps.conjecture.formalise import notation
from lemmata.apps.conjecture.formalise.numbers import ONE, TWO, ZERO, harmonic
from lemmata.apps.conjecture.formalise.signs import Cursor, NotAFormula, signs
from lemmata.apps.conjecture.language.functions import FUNCTIONS
from lemmata.apps.conjecture.language.syntax import (
    Bind,
    Call,
    Compare,
    Connect,
    Name,
    Negate,
    Node,
    Not,
    Number,
    Operate,
)

_MAX_DEPTH = 30


def read(text: str, names: frozenset[str] = frozenset()) -> Node:
    """The formula, all of it. `names` are variables of more than one letter, or that hide a
    function. Raises NotAFormula."""
    reader = _Formula(signs(text), names)
    node = reader.statement()
    reader.end()
    return node


class _Formula(Cursor):
    def __init__(self, signs: list[str], names: frozenset[str]) -> None:
        super().__init__(signs)
        self._names = names
        self._bars = self._depth = 0

    def statement(self) -> Node:
        """A chain of relations, or a value."""
        left = self.sum()
        whole: Node | None = None
        while link := self._link(left):
            node, left = link
            whole = node if whole is None else Connect("and", whole, node)
        return left if whole is None else whole

    def _link(self, left: Node) -> tuple[Node, Node] | None:
        if self.next in notation.RELATIONS:
            op = notation.RELATIONS[self.next]
            self._at += 1
            right = self.sum()
            return Compare(op, left, right), right  # type: ignore[arg-type]
        bar = "|" if not self._bars else r"\mid"
        if self.take(r"\mid", bar):
            right = self.sum()
            return Call("divides", (left, right)), right
        if self.take(r"\nmid"):
            right = self.sum()
            return Not(Call("divides", (left, right))), right
        if self.take(r"\equiv"):
            right = self.sum()
            return self._congruence(left, right), right
        return None

    def _congruence(self, left: Node, right: Node) -> Node:
        bracket = self.take("(", "{")
        self.need("mod")
        modulus = self._group() if self.next == "{" else self.sum()
        if bracket:
            self.need(")" if bracket == "(" else "}")
        difference = left if right == ZERO else Operate("-", left, right)
        return Call("divides", (modulus, difference))

    def sum(self) -> Node:
        left = self._product()
        while op := self.take("+", "-"):
            left = Operate(op, left, self._product())  # type: ignore[arg-type]
        return left

    def _product(self) -> Node:
        left = self._factor()
        while True:
            if self.take(*notation.TIMES):
                left = Operate("*", left, self._factor())
            elif self.take("/"):
                left = Operate("/", left, self._factor())
            elif self.next == "mod" and not self._before_bracketed_mod():
                self._at += 1
                left = Operate("mod", left, self._factor())
            elif self._starts_factor():
                left = Operate("*", left, self._factor())
            else:
                return left

    def _before_bracketed_mod(self) -> bool:
        """`a ≡ b mod m`: this mod belongs to the congruence."""
        return r"\equiv" in self._signs[: self._at]

    def _starts_factor(self) -> bool:
        sign = self.next
        if sign == "(":
            return self._signs[self._at + 1] != "mod"
        if sign in {"{", "mod", "and", "or"}:
            return sign == "{"
        if sign.startswith("\\"):
            return sign in notation.FUNCTIONS or sign in {
                r"\frac", r"\sqrt", r"\binom", r"\lfloor", r"\lceil", r"\sum", r"\prod",
            }  # fmt: skip
        return bool(sign) and (sign[0].isalpha() or sign[0].isdigit())

    def _factor(self) -> Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise NotAFormula(f"the formula nests deeper than {_MAX_DEPTH}")
        try:
            if self.take("-"):
                return Negate(self._factor())
            self.take("+")
            return self._power()
        finally:
            self._depth -= 1

    def _power(self) -> Node:
        base = self._atom()
        while self.take("!"):
            base = Call("factorial", (base,))
        if self.take("^"):
            exponent = self._argument()
            while self.take("!"):
                exponent = Call("factorial", (exponent,))
            base = Operate("^", base, exponent)
        return base

    def _argument(self) -> Node:
        """What stands after ^: a group, or one sign as in LaTeX, or a number, name or bracket."""
        if self.next == "{":
            return self._group()
        return self._factor()

    def _group(self) -> Node:
        self.need("{")
        inner = self.sum()
        self.need("}")
        return inner

    def _atom(self) -> Node:
        sign = self.next
        self._at += 1
        if sign and sign[0].isdigit():
            return Number(Fraction(sign))
        if sign == "(":
            inner = self.statement()
            self.need(")")
            return inner
        if sign == "{":
            self._at -= 1
            return self._group()
        if sign == "|":
            return self._absolute()
        if sign.startswith("\\"):
            return self._command(sign)
        if sign and sign[0].isalpha():
            return self._word(sign)
        raise NotAFormula(f"{sign!r} is no value" if sign else "the formula ends too early")

    def _absolute(self) -> Node:
        self._bars += 1
        inner = self.sum()
        self._bars -= 1
        self.need("|")
        return Call("abs", (inner,))

    def _command(self, sign: str) -> Node:
        match sign:
            case r"\frac":
                return Operate("/", self._group(), self._group())
            case r"\binom":
                return Call("binomial", (self._group(), self._group()))
            case r"\sqrt":
                return self._root()
            case r"\lfloor":
                return self._rounded(r"\rfloor", "floor")
            case r"\lceil":
                return self._rounded(r"\rceil", "ceil")
            case r"\sum" | r"\prod":
                return self._gather("sum" if sign == r"\sum" else "product")
            case _ if sign in notation.FUNCTIONS:
                return self._function(notation.FUNCTIONS[sign], bare=sign == r"\pi")
        raise NotAFormula(f"{sign} is not known")

    def _root(self) -> Node:
        if self.next == "[":
            raise NotAFormula("only square roots are known")
        inner = self._group() if self.next == "{" else self._atom()
        return Call("sqrt", (inner,))

    def _rounded(self, closing: str, function: str) -> Node:
        inner = self.sum()
        self.need(closing)
        return Call(function, (inner,))

    def _gather(self, kind: str) -> Node:
        self.need("_")
        self.need("{")
        name = self.next
        self._at += 1
        self.need("=")
        low = self.sum()
        self.need("}")
        self.need("^")
        high = self._group() if self.next == "{" else self._atom()
        held, self._names = self._names, self._names | {name}
        body = self._product()
        self._names = held
        return Bind(kind, name, low, high, body)  # type: ignore[arg-type]

    def _function(self, function: str, bare: bool = False) -> Node:
        if self.next != "(" and function == "log":
            return Call("log", (self._power(),))
        if self.next not in {"(", "{"}:
            if bare:
                return Call("pi", ())
            raise NotAFormula(f"{function} of what?")
        return Call(function, self._arguments())

    def _arguments(self) -> tuple[Node, ...]:
        self.need("(")
        found = [self.sum()]
        while self.take(","):
            found.append(self.sum())
        self.need(")")
        return tuple(found)

    def _word(self, word: str) -> Node:
        if self.next == "_" and word not in self._names:
            return self._indexed(word)
        if self.next == "(" and word not in self._names:
            function = notation.FUNCTIONS.get(word, word)
            if function in FUNCTIONS and function != "pi":
                return Call(function, self._arguments())
        if word in self._names or len(word) == 1:
            return Name(word)
        if word == "pi":
            return Call("pi", ())
        if not all(letter in self._names for letter in word):
            raise NotAFormula(f"{word!r} is no variable")
        # `abc` is a·b·c; a power or a bracket after it belongs to the last letter.
        self._at -= 1
        self._signs[self._at : self._at + 1] = list(word)
        self._at += 1
        return Name(word[0])

    def _indexed(self, word: str) -> Node:
        self.need("_")
        index = self._group() if self.next == "{" else self._atom()
        if word == "H":
            return harmonic(index)
        if word == "T":
            return Operate("//", Operate("*", index, Operate("+", index, ONE)), TWO)
        if word not in notation.INDEXED:
            raise NotAFormula(f"{word} with an index is not known")
        return Call(notation.INDEXED[word], (index,))
