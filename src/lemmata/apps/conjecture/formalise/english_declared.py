"""English domains: nouns with their letters, several of them, and letters alone in a range."""

from __future__ import annotations

import re
from collections.abc import Callable

from lemmata.apps.conjecture.formalise import english_words as words
from lemmata.apps.conjecture.formalise.domains import Things
from lemmata.apps.conjecture.formalise.english_nouns import Nouns
from lemmata.apps.conjecture.formalise.parts import NotUnderstood

_DESCRIBED = rf"(?:(?:{words.ADJECTIVES})\s+)*(?:{words.NOUNS})\s+[A-Za-z](?![A-Za-z])"
"""A noun and its letter, with which a further domain begins."""


class Declared(Nouns):
    """Reads what stands behind `for every`. Raises NotUnderstood."""

    def declared(self, text: str) -> list[Things]:
        """`positive integers a, b with a < b`, `n >= 1`, `real x and every integer n`."""
        text = re.sub(r"^(?:every|all|each|any) ", "", text.strip(), flags=re.I)
        text = re.sub(r"^pairs? of ", "", text)
        text = re.sub(rf"^(?:two|three|four) (?={_DESCRIBED} ?(?:,|and) ?[A-Za-z])", "", text)
        pieces = re.split(
            rf",? and (?:for )?(?:(?:every|all|each|any) |(?=(?:an? )?{_DESCRIBED}))", text
        )
        if len(pieces) > 1:
            return [things for piece in pieces for things in self.declared(piece)]
        for pattern, read in self._declarations():
            match = re.fullmatch(pattern, text, re.S)
            if match:
                return [read(*match.groups())]
        return [self.noun(text)]

    def _declarations(self) -> list[tuple[str, Callable[..., Things]]]:
        """Letters alone, whose kind goes by custom."""
        sign, letters = r"<=|>=|<|>|≤|≥|\\leq?(?![a-z])|\\geq?(?![a-z])", rf"({words.VAR})"
        dots = r"(?:\.\.\.|…|⋯|\\[lc]?dots)"
        return [
            (rf"{letters}\s*((?:{sign})\s*.+)", self._ranged),
            (r"([-+*/^()\w]+\s*(?:<=|<|≤|\\leq?)\s*)([A-Za-z])(\s*(?:<=|<|≤|\\leq?).+)",
             lambda low, name, high: self._ranged(name, high, low)),
            (rf"{letters},? (?:from|between) (-?\d+) (?:to|and) (-?\d+)(?: inclusive)?",
             self._from_to),
            (rf"([A-Za-z])\s*=\s*(-?\d+)\s*,\s*(-?\d+)(?:\s*,\s*-?\d+)*\s*,\s*{dots}\s*,\s*(-?\d+)",
             self._listed),
            (rf"{letters} ((?:that (?:is|are) )?(?:{words.RELATION}) .+)", lambda names, rest:
             self._followed(self._names.assumed(self._named(names)), rest)),
            (rf"{letters},? (?:with|such that|where|satisfying) (.+)", lambda names, condition:
             self._followed(self._names.assumed(self._named(names)), f"with {condition}")),
            (letters, lambda names: self._names.assumed(self._named(names))),
        ]  # fmt: skip

    def _ranged(self, letters: str, rest: str, before: str = "") -> Things:
        """`n >= 4`, `0 <= n <= 80`: a range that says where it begins holds as it is said."""
        things = self._names.assumed(self._named(letters))
        if before or not re.match(r"<|≤|\\l", rest):
            things.low = None
        things.guards += [self.formula(f"{before}{name} {rest}") for name in things.names]
        return things

    def _from_to(self, letters: str, low: str, high: str) -> Things:
        things = self._names.assumed(self._named(letters))
        things.low = None
        self._span(things, low, high)
        return things

    def _listed(self, letter: str, first: str, second: str, last: str) -> Things:
        """`n = 0, 1, ..., 39`."""
        if int(second) != int(first) + 1:
            raise NotUnderstood(f"the steps from {first} to {last} are not 1")
        return self._from_to(letter, first, last)
