"""English claims that there is something: a prime between, a factor, a k with a property."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from lemmata.apps.conjecture.formalise import english_words as words
from lemmata.apps.conjecture.formalise import existence, sums
from lemmata.apps.conjecture.formalise.domains import Things
from lemmata.apps.conjecture.formalise.parts import Names, NotUnderstood, denied
from lemmata.apps.conjecture.language.syntax import Compare, Node

_THERE = r"there (?:is|are|exists?|must be) (?:always )?(?:an?|at least one|some) "


class Exists:
    """Reads such claims over the names of one statement. Raises NotUnderstood."""

    _names: Names

    @abstractmethod
    def value(self, text: str) -> Node: ...

    @abstractmethod
    def claim(self, text: str) -> Node: ...

    @abstractmethod
    def noun(self, text: str, given: list[str] | None = None) -> Things: ...

    @abstractmethod
    def declared(self, text: str) -> list[Things]: ...

    def _existential(self) -> list[tuple[str, Callable[..., Node]]]:
        suchthat = r",? (?:such that|so that|with|for which|where|satisfying) (.+)"
        return [
            (rf"{_THERE}(.+?)(?: [a-z])? (?:strictly )?between (.+?) and (.+)", self._between),
            (rf"between (.+?) and (.+?),? {_THERE}(.+)",
             lambda low, high, noun: self._between(noun, low, high)),
            (rf"{_THERE}(.+? [A-Za-z]){suchthat}", self._exists),
            (r"(.+),? for (?:all|every|each|any) (.+)", self._for_all),
        ]  # fmt: skip

    def _between(self, noun: str, low: str, high: str) -> Node:
        function = words.TRUTHS.get(noun.lower()) or words.TRUTHS.get(f"a {noun.lower()}")
        if function is None:
            raise NotUnderstood(f"{noun!r} is no kind of number that is known")
        ends = self.value(low), self.value(high)
        return sums.exists_between(function, *ends, self._names)

    def _exists(self, noun: str, condition: str) -> Node:
        """`there is a prime p such that n < p < 2n`."""
        kept = set(self._names.taken)
        things = self.noun(noun)
        name, low = existence.own(things, kept)
        conditions = [*things.guards, self.claim(condition)]
        return existence.quantified("exists", name, low, conditions)

    def _for_all(self, claim: str, domain: str) -> Node:
        """`... for every k with 1 <= k < n`, inside a claim about n."""
        kept = set(self._names.taken)
        things = self.declared(domain)
        if len(things) != 1:
            raise NotUnderstood(f"{domain[:60]!r} is not understood")
        name, low = existence.own(things[0], kept)
        return existence.quantified("forall", name, low, things[0].guards, self.claim(claim))

    def _factor(self, subject: Node, which: str | None, op: str | None, end: str | None) -> Node:
        """`has an odd prime factor`, `has a prime factor at most sqrt(n)`."""
        kinds = [words.TRUTHS[word] for word in (which or "").lower().split()]
        limit = None
        if op is not None and end is not None:
            limit = Compare(words.relation(op), subject, self.value(end))
        return existence.factor(subject, kinds, self._names, limit)

    def _factors(self, subject: Node) -> list[tuple[str, Callable[..., Node]]]:
        kinds = r"((?:prime|odd|even|odd prime|square-?free) )?"
        return [
            (rf"(?:has|have) (?:an?|at least one) {kinds}(?:factor|divisor)"
             rf"(?: (?:that is )?({words.RELATION}) (.+))?",
             lambda which, op, end: self._factor(subject, which, op, end)),
            (r"(?:has|have) no prime (?:factor|divisor)s?",
             lambda: denied(self._factor(subject, "prime", None, None))),
        ]  # fmt: skip
