r"""Formulas as people write them: LaTeX, Unicode or plain ASCII, with products left unsaid.

`2n^2 + n(n-1)`, `\frac{a}{b} \ge 2`, `n \mid 2^n - 2`, `F_n`, `\sum_{k=1}^{n} k^3`,
`a ≡ 1 (mod 4)`.
"""

from __future__ import annotations

from lemmata.apps.conjecture.formalise import notation
from lemmata.apps.conjecture.formalise.ellipsis import added, dotted
from lemmata.apps.conjecture.formalise.formula_atoms import Atoms
from lemmata.apps.conjecture.formalise.numbers import congruent
from lemmata.apps.conjecture.formalise.signs import NotAFormula, signs
from lemmata.apps.conjecture.language.syntax import (
    Call,
    Compare,
    Connect,
    Negate,
    Node,
    Not,
    Number,
    Operate,
    walk,
)

_MAX_DEPTH = 30


def read(text: str, names: frozenset[str] = frozenset()) -> Node:
    """The formula, all of it. `names` are variables of more than one letter, or that hide a
    function. Raises NotAFormula."""
    reader = _Formula(signs(text), names)
    node = reader.statement()
    reader.end()
    return node


def _takes_mod(node: Node) -> bool:
    return any(isinstance(each, Operate) and each.op == "mod" for each in walk(node))


class _Formula(Atoms):
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
            return self._compared(op, left, right), right
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

    def _compared(self, op: str, left: Node, right: Node) -> Node:
        """A comparison; `n^2 = 1 (mod 8)`, also without brackets, is a congruence."""
        if op == "=" and self._bracketed_mod():
            return self._congruence(left, right)
        if op in {"=", "!="} and _takes_mod(right) and not _takes_mod(left):
            match right:
                case Operate("mod", Number() | Negate(Number()) as residue, modulus):
                    same = congruent(modulus, left, residue)
                    return same if op == "=" else Not(same)
            raise NotAFormula("it may be a congruence or a remainder: write ≡ … (mod …)")
        return Compare(op, left, right)  # type: ignore[arg-type]

    def _bracketed_mod(self) -> bool:
        return self.next == "(" and self._signs[self._at + 1] == "mod"

    def _congruence(self, left: Node, right: Node) -> Node:
        bracket = self.take("(", "{")
        self.need("mod")
        modulus = self._group() if self.next == "{" else self.sum()
        if bracket:
            self.need(")" if bracket == "(" else "}")
        return congruent(modulus, left, right)

    def sum(self) -> Node:
        terms = [("+", self._product())]
        while op := self.take("+", "-"):
            if op == "+" and self.take("..."):
                self.need("+")
                return self._dotted(terms)
            if self.next == "+":
                raise NotAFormula("a term is missing after +")
            terms.append((op, self._product()))
        return added(terms)

    def _dotted(self, shown: list[tuple[str, Node]]) -> Node:
        """Behind the dots: `2n - 1` may be the last term, or `2n` and something more."""
        if any(op == "-" for op, _ in shown):
            raise NotAFormula("dots stand for terms that are added")
        more = [("+", self._product())]
        while op := self.take("+", "-"):
            more.append((op, self._product()))
        return dotted([term for _, term in shown], more, self._names)

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
