"""What formulas are made of: numbers, names, brackets, roots, sums with bounds, functions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction

from lemmata.apps.conjecture.formalise import notation
from lemmata.apps.conjecture.formalise.numbers import ONE, TWO, harmonic
from lemmata.apps.conjecture.formalise.signs import Cursor, NotAFormula
from lemmata.apps.conjecture.language.functions import FUNCTIONS
from lemmata.apps.conjecture.language.syntax import Bind, Call, Name, Node, Number, Operate


class Atoms(Cursor, ABC):
    """Reads one of them; what stands inside is read by `statement`, `sum` and `_product`."""

    def __init__(self, signs: list[str], names: frozenset[str]) -> None:
        super().__init__(signs)
        self._names = names
        self._bars = self._depth = 0

    @abstractmethod
    def statement(self) -> Node: ...

    @abstractmethod
    def sum(self) -> Node: ...

    @abstractmethod
    def _product(self) -> Node: ...

    @abstractmethod
    def _power(self) -> Node: ...

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
