"""Chinese claims that there is something: a prime between, a factor, a k with a property."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable

from lemmata.apps.conjecture.formalise import chinese_words as words
from lemmata.apps.conjecture.formalise import existence, sums
from lemmata.apps.conjecture.formalise.domains import Things
from lemmata.apps.conjecture.formalise.parts import Names, NotUnderstood, denied
from lemmata.apps.conjecture.language.syntax import Compare, Node

_ONE = r"(?:一个|至少一个|某个)?"
_THERE = rf"(?:总|必|必定|一定|都|恒)?(?:存在|有){_ONE}"


class Exists:
    """Reads such claims over the names of one statement. Raises NotUnderstood."""

    _names: Names

    @abstractmethod
    def value(self, text: str) -> Node: ...

    @abstractmethod
    def claim(self, text: str) -> Node: ...

    @abstractmethod
    def noun(self, text: str, given: list[str] | None = None) -> Things: ...

    def _existential(self) -> list[tuple[str, Callable[..., Node]]]:
        return [
            (rf"在?(.+?)\s*[与和]\s*(.+?)\s*之间{_THERE}(.+)", self._between),
            (rf"{_THERE}(.+?)\s*,?(?:使得?|满足|适合)[,:]?(.+)", self._exists),
        ]

    def _between(self, low: str, high: str, kind: str) -> Node:
        if kind not in words.TRUTHS:
            raise NotUnderstood(f"{kind!r} is no kind of number that is known")
        ends = self.value(low), self.value(high)
        return sums.exists_between(words.TRUTHS[kind], *ends, self._names)

    def _exists(self, noun: str, condition: str) -> Node:
        """`存在素数 p 使得 n < p < 2n`."""
        kept = set(self._names.taken)
        things = self.noun(noun)
        name, low = existence.own(things, kept)
        pieces = [self.claim(piece) for piece in re.split(r"[,且]", condition)]
        return existence.quantified("exists", name, low, [*things.guards, *pieces])

    def _factor(self, subject: Node, op: str | None, end: str | None, odd: str | None) -> Node:
        """`有素因子`, `有不超过 √n 的素因子`."""
        limit = None
        if op is not None and end is not None:
            limit = Compare(words.relation(op), subject, self.value(end))
        kinds = ["odd", "prime"] if odd else ["prime"]
        return existence.factor(subject, kinds, self._names, limit)

    def _factors(self, subject: Node) -> list[tuple[str, Callable[..., Node]]]:
        prime = r"[素质](?:因子|因数|约数)"
        return [
            (rf"(?:至少)?有{_ONE}(?:({words.RELATION})\s*(.+?)的)?(奇)?{prime}",
             lambda op, end, odd: self._factor(subject, op, end, odd)),
            (r"(?:能|可以)?被(?:某个|一个|某)(奇)?[素质]数\s*整除",
             lambda odd: self._factor(subject, None, None, odd)),
            (rf"没有{prime}", lambda: denied(self._factor(subject, None, None, None))),
        ]  # fmt: skip
