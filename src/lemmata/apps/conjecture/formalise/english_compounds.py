"""Statements about a value of things: `the sum of two odd numbers`, `the square of any prime`."""

from __future__ import annotations

import re

from lemmata.apps.conjecture.formalise import compounds, domains, sums
from lemmata.apps.conjecture.formalise import english_words as words
from lemmata.apps.conjecture.formalise.domains import Things
from lemmata.apps.conjecture.formalise.english_declared import Declared
from lemmata.apps.conjecture.formalise.parts import Ambiguous, NotUnderstood
from lemmata.apps.conjecture.formalise.statement_forms import Form
from lemmata.apps.conjecture.language.spec import Spec
from lemmata.apps.conjecture.language.syntax import Compare, Name, Node

_DOES = rf"((?:is|are|{words.VERBS}) .+)"
_COUNT = r"(two|three|four|five|six|2|3|4|5|6)"


class Compounds(Declared):
    """Reads such statements. Raises NotUnderstood."""

    _said: str

    def _compound_forms(self) -> list[Form]:
        plain = r"(?!if |every |all |each |for |no |there )"
        every = r"(?:an?|any|every|each|all)"
        return [
            (rf"(?:the )?(sum|product|difference) of (?:any |every |all )?{_COUNT} (.+?) {_DOES}",
             self._of_many),
            (rf"(?:any |every )?{_COUNT} consecutive (.+?) are (?:always )?"
             r"(?:coprime|relatively prime)",
             self._neighbours_coprime),
            (
                r"between (?:any |every )?two consecutive (.+?),? there (?:is|exists) (?:always )?"
                r"(?:an?|at least one) (.+)",
                self._between_neighbours,
            ),
            (
                r"(?:any |every )?two (?!consecutive )(.+?) are (?:always )?"
                r"(?:coprime|relatively prime)",
                self._two_coprime,
            ),
            (rf"(?:the )?(sum|product) of ((?:an?|any) .+?) and ((?:an?|any) .+?) {_DOES}",
             self._of_pair),
            (rf"{plain}(?:the )?(.+?) of {every} (.+?) {_DOES}", self._of_each),
        ]  # fmt: skip

    def _of_many(self, operation: str, count: str, noun: str, does: str) -> Spec:
        """`the product of three consecutive integers is divisible by 6`."""
        many = words.COUNTS[count.lower()]
        near = re.fullmatch(r"consecutive (.+)", noun, re.I)
        if near:
            things = self.noun(near[1])
            terms = compounds.consecutive(things, many)
        else:
            things = self._several(noun, many)
            terms = [Name(name) for name in things.names]
        subject = compounds.combined(operation.lower(), terms, near is not None)
        return domains.spec([things], self._done(subject, does), self._said)

    def _several(self, noun: str, many: int) -> Things:
        """As many of the noun as were counted, with its own letters or fresh ones."""
        letters = compounds.letters(many, "prime" in noun, "real" in noun)
        things = self.noun(noun, letters)
        if len(things.names) != many or things.value is not None or things.sort == "graph":
            raise NotUnderstood(f"{noun[:60]!r} are not {many} numbers")
        self._names.taken.update(things.names)
        return things

    def _two_coprime(self, noun: str) -> Spec:
        """`any two distinct primes are coprime`."""
        things = self._several(noun, 2)
        one, two = (Name(name) for name in things.names)
        if Compare("!=", one, two) not in things.guards:
            raise Ambiguous("it is not said whether the two may be equal", "Say: two distinct …")
        return domains.spec([things], compounds.coprime([one, two]), self._said)

    def _neighbours_coprime(self, count: str, noun: str) -> Spec:
        if words.COUNTS[count.lower()] != 2:
            raise NotUnderstood("coprime is said of two numbers")
        things = self.noun(noun)
        return domains.spec(
            [things], compounds.coprime(compounds.consecutive(things, 2)), self._said
        )

    def _between_neighbours(self, noun: str, kind: str) -> Spec:
        """`between two consecutive squares there is a prime`."""
        function = words.TRUTHS.get(f"a {kind.lower()}")
        if function is None:
            raise NotUnderstood(f"{kind!r} is no kind of number that is known")
        things = self.noun(noun)
        low, high = compounds.consecutive(things, 2)
        claim = sums.exists_between(function, low, high, self._names)
        return domains.spec([things], claim, self._said)

    def _of_pair(self, operation: str, one: str, other: str, does: str) -> Spec:
        """`the sum of an odd number and an even number is odd`."""
        first, second = self.noun(one), self.noun(other)
        if any(things.value is not None or len(things.names) != 1 for things in (first, second)):
            raise NotUnderstood(f"{one[:40]!r} and {other[:40]!r} are not two numbers")
        terms: list[Node] = [Name(first.names[0]), Name(second.names[0])]
        claim = self._done(compounds.combined(operation.lower(), terms, False), does)
        return domains.spec([first, second], claim, self._said)

    def _of_each(self, value: str, noun: str, does: str) -> Spec:
        """`the square of any odd number leaves remainder 1 when divided by 8`."""
        things = self.noun(noun)
        if things.value is not None or len(things.names) != 1:
            raise NotUnderstood(f"{noun[:60]!r} is not one number")
        self._names.taken.add(things.names[0])
        self._names.topic = things.names[0]
        subject = self.value(f"the {value} of {things.names[0]}")
        return domains.spec([things], self._done(subject, does), self._said)

    def _done(self, subject: Node, does: str) -> Node:
        predicate = re.fullmatch(r"(?:is|are) (.+)", does, re.I | re.S)
        return self.predicate(subject, predicate[1]) if predicate else self.verb(subject, does)
