"""The grammar of expressions, by precedence climbing.

statement  := implies ("<->" implies)*
implies    := or ("->" implies)?
or         := and ("or" and)*          and := not ("and" not)*
not        := "not" not | ("exists" | "forall") NAME "in" range ":" statement | relation
relation   := sum (("=" | "!=" | "<" | "<=" | ">" | ">=") sum)*        chains: a <= b < c
sum        := product (("+" | "-") product)*
product    := sign (("*" | "/" | "//" | "mod") sign)*
sign       := "-" sign | power         power := atom ("^" sign)?
atom       := NUMBER | NAME | NAME "(" statement, ... ")" | "(" statement ")"
            | ("sum" | "product" | "count" | "min" | "max") "(" NAME "in" range ":" statement ")"
range      := sum ".." sum
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

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
from lemmata.apps.conjecture.language.tokens import Token, tokens
from lemmata.errors import BadInput

MAX_DEPTH = 40
_RELATIONS = {"=", "!=", "<", "<=", ">", ">="}
_QUANTIFIERS = {"exists", "forall"}
_GATHERERS = {"sum", "product", "count", "min", "max"}
KEYWORDS = frozenset({"and", "or", "not", "mod", "in", "where", *_QUANTIFIERS, *_GATHERERS})


def parse(text: str) -> Node:
    """The tree of an expression. Raises BadInput that says what was expected and where."""
    reader = Reader(text)
    node = reader.statement()
    reader.expect("")
    return node


class Reader:
    """Reads one expression from left to right; `spec` uses it for the lines of its text form."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokens(text)
        self._at = 0
        self._depth = 0

    def next(self) -> Token:
        return self._tokens[self._at]

    def take(self, *texts: str) -> str | None:
        """Step over one of these, if it comes next."""
        token = self.next()
        if token.text in texts and token.kind != "end":
            self._at += 1
            return token.text
        return None

    def expect(self, text: str) -> None:
        """Step over exactly this; the empty text means the end."""
        token = self.next()
        if token.text != text:
            raise self.fault(f"expected {text!r}" if text else "expected nothing more")
        self._at += 1

    def fault(self, expected: str) -> BadInput:
        token = self.next()
        found = repr(token.text) if token.kind != "end" else "the end"
        return BadInput(
            f"cannot read the expression: {expected}, found {found}",
            f"See position {token.at + 1} of {self.text[:200]!r}.",
        )

    def name(self) -> str:
        token = self.next()
        if token.kind != "name" or token.text in KEYWORDS:
            raise self.fault("expected a name")
        self._at += 1
        return token.text

    def statement(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BadInput(f"the expression nests deeper than {MAX_DEPTH}", "Simplify it.")
        left = self._implies()
        while self.take("<->"):
            left = Connect("<->", left, self._implies())
        self._depth -= 1
        return left

    def _implies(self) -> Node:
        # A loop, not recursion: a long chain must not exhaust the stack.
        parts = [self._or()]
        while self.take("->"):
            parts.append(self._or())
        whole = parts.pop()
        while parts:
            whole = Connect("->", parts.pop(), whole)
        return whole

    def _or(self) -> Node:
        left = self._and()
        while self.take("or"):
            left = Connect("or", left, self._and())
        return left

    def _and(self) -> Node:
        left = self._not()
        while self.take("and"):
            left = Connect("and", left, self._not())
        return left

    def _not(self) -> Node:
        if self.take("not"):
            return self._deeper(lambda: Not(self._not()))
        if kind := self.take(*_QUANTIFIERS):
            return self._bind(kind)
        return self._relation()

    def _bind(self, kind: str) -> Node:
        name = self.name()
        self.expect("in")
        low = self.sum()
        self.expect("..")
        high = self.sum()
        self.expect(":")
        return Bind(kind, name, low, high, self.statement())  # type: ignore[arg-type]

    def _relation(self) -> Node:
        left = self.sum()
        whole: Node | None = None
        while op := self.take(*_RELATIONS):
            right = self.sum()
            link = Compare(op, left, right)  # type: ignore[arg-type]
            whole = link if whole is None else Connect("and", whole, link)
            left = right
        return left if whole is None else whole

    def sum(self) -> Node:
        left = self._product()
        while op := self.take("+", "-"):
            left = Operate(op, left, self._product())  # type: ignore[arg-type]
        return left

    def _product(self) -> Node:
        left = self._sign()
        while op := self.take("*", "/", "//", "mod"):
            left = Operate(op, left, self._sign())  # type: ignore[arg-type]
        return left

    def _sign(self) -> Node:
        if self.take("-"):
            return self._deeper(lambda: Negate(self._sign()))
        base = self._atom()
        if self.take("^"):
            return self._deeper(lambda: Operate("^", base, self._sign()))
        return base

    def _deeper(self, read: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BadInput(f"the expression nests deeper than {MAX_DEPTH}", "Simplify it.")
        node = read()
        self._depth -= 1
        return node

    def _atom(self) -> Node:
        token = self.next()
        if token.kind == "number":
            self._at += 1
            return Number(Fraction(token.text))
        if self.take("("):
            inner = self.statement()
            self.expect(")")
            return inner
        if kind := self.take(*_GATHERERS):
            return self._gather(kind)
        name = self.name()
        return self._call(name) if self.take("(") else Name(name)

    def _gather(self, kind: str) -> Node:
        """`sum(k in 1..n: …)`, or `min(a, b)` as a plain function."""
        self.expect("(")
        here = self._at
        if self.next().kind == "name" and self._tokens[here + 1].text == "in":
            node = self._bind(kind)
            self.expect(")")
            return node
        if kind not in {"min", "max"}:
            raise self.fault(f"expected `{kind}(k in a..b: …)`")
        return self._call(kind)

    def _call(self, name: str) -> Node:
        arguments = [self.statement()]
        while self.take(","):
            arguments.append(self.statement())
        self.expect(")")
        return Call(name, tuple(arguments))
