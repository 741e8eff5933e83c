"""Checks the claims of one step against arithmetic and against what came before."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

from lemmata.verify import answer, arithmetic, expansion
from lemmata.verify.arithmetic import FAILS, HOLDS, UNKNOWN
from lemmata.verify.bindings import Memory, solve
from lemmata.verify.claims import Claim
from lemmata.verify.conversions import set_apart
from lemmata.verify.expression import Node, add, is_value, neg, num, symbols
from lemmata.verify.mood import Mood
from lemmata.verify.structure import read

_DIGIT_NAMES = re.compile(
    r"(?<![A-Za-z\\_{])(?!(?:log|sin|cos|tan|ln)\d)[a-zA-Z]{1,3}\d|(?<![\d.},])0\d"
)
"""21c8, bc8 and 0010010: numerals whose digits have names, not products."""


_SUPPOSED = re.compile(
    r"(?:\b(?:if|assum(?:e|ing)|suppos(?:e|ing))(?: that)?|假设|假如|假定|如果|若)[\s$(\\]*$",
    re.IGNORECASE,
)
_TWO_SLASHES = re.compile(r"/ ?\d+ ?/ ?\d")
"""14 / 1 / 4: by one and then by four, or by a fourth."""


class StepCheck:
    """One step: `checked` claims, the first `failure` (empty: none), and whether it `jumps`."""

    def __init__(self, sentence: str, memory: Memory) -> None:
        self.sentence, self.memory, self.mood = sentence, memory, Mood.of(sentence)
        self.checked, self.failure, self.jumps = 0, "", False
        self.bound: set[str] = set()
        """Names that got a value in this step."""
        memory.signs_redefined |= self.mood.redefines
        memory.step += 1

    def note(self, state: str, reason: str = "") -> None:
        if state == FAILS and self.mood.absurd:
            return
        self.checked += state != UNKNOWN
        if state == FAILS and not self.failure:
            self.failure = reason

    def judge(self, claim: Claim) -> None:
        node = claim.node
        if node.head == "property":
            name, positive = node.value
            truth = arithmetic.has_property(int(node.args[0].value), name)
            self.note(HOLDS if truth == positive else FAILS, f"{claim.text}: that is wrong")
        elif node.head == "or":
            self._alternatives(node)
        elif node.head == "rel" and node.args[-1].head == "mod":
            self._congruence(claim)
        elif node.head == "rel":
            self._chain(claim)

    def _alternatives(self, node: Node) -> None:
        """x = 2 or x = 3: each must satisfy what is known of x; neither is carried forward."""
        for part in node.args:
            if part.head != "rel" or part.value != ("=",) or part.args[0].head != "sym":
                continue
            name, value = part.args[0].value, part.args[1]
            if not symbols(value):
                self.memory.values.pop(name, None)
                state, equation = self.memory.contradiction(name, value)
                self.note(state, f"{name} = {arithmetic.show(value)} does not satisfy {equation}")

    def _congruence(self, claim: Claim) -> None:
        """a ≡ b ≡ c (mod m), with powers reduced as they are formed."""
        *firsts, last = claim.node.args
        residue, modulus = (self.memory.substitute(part) for part in last.args)
        size = arithmetic.constant(modulus)
        if size is None or size.denominator != 1 or size <= 0:
            return
        parts = [*map(self.memory.substitute, firsts), residue]
        for a, b in pairwise(arithmetic.residue(part, int(size)) for part in parts):
            if a is not None and b is not None:
                wrong = f"{claim.text}: the residue is {a}, not {b}"
                self.note(HOLDS if a == b else FAILS, wrong)

    def _chain(self, claim: Claim) -> None:
        if _DIGIT_NAMES.search(claim.text):
            return
        if self.memory.signs_redefined and "*" in claim.text:
            return
        sides, operators = claim.node.args, claim.node.value
        if operators[-1] == "=" and self.memory.define_function(sides[0], sides[-1]):
            sides, operators = sides[1:], operators[1:]
        if operators[-1:] == ("=",) and not self.mood.hypothetical:
            self.memory.define_sequence(sides[0], sides[-1], claim.text)
        sides = tuple(map(self.memory.resolve, sides))
        identity = self.mood.identity or (len(sides) > 2 and all(symbols(side) for side in sides))
        for (left, right), operator in zip(pairwise(sides), operators, strict=True):
            if not (_is_plain(left) and _is_plain(right)):
                continue
            a, b = self.memory.substitute(left), self.memory.substitute(right)
            if operator == "=" and left.head == "sym" and not symbols(b):
                self._bind(left.value, b)
            elif not symbols(a) and not symbols(b):
                self._numeric(claim, left, operator, right)
            elif operator == "=":
                self._symbolic(claim, left, right, identity)

    def _numeric(self, claim: Claim, left: Node, operator: str, right: Node) -> None:
        a, b = self.memory.substitute(left), self.memory.substitute(right)
        state = arithmetic.holds(a, operator, b, self.mood.rounding)
        names = symbols(left) | symbols(right)
        if state == FAILS and names and operator != "=":  # "for n > 2": n is another one from here
            for name in names:
                self.memory.forget(name)
            self.memory.assumed |= names
            return
        if state == FAILS and set_apart(claim.text, claim.units, a, b):
            return
        if state == FAILS and (_TWO_SLASHES.search(claim.text) or self._supposed(claim)):
            return
        if state == FAILS and names and self.mood.hypothetical:
            # "if 100 + 100x = 120": an equation of its own, not a claim on the earlier x
            for name in names:
                self.memory.forget(name)
            self.memory.remember(left, right, claim.text, firm=False)
            return
        if state == FAILS and names & self.memory.assumed:
            return
        shown = arithmetic.show(a), arithmetic.show(b)
        wrong = (
            f"the value is {shown[0]}, not {shown[1]}"
            if operator == "="
            else f"{shown[0]} {operator} {shown[1]} is wrong"
        )
        self.note(state, f"{claim.text}: {wrong}")
        value = arithmetic.constant(b)
        if value is not None:
            self.memory.learn(value)

    def _supposed(self, claim: Claim) -> bool:
        """Assume 1 = 2."""
        before, found, _ = self.sentence.partition(claim.text)
        return bool(found and _SUPPOSED.search(before))

    def _symbolic(self, claim: Claim, left: Node, right: Node, identity: bool) -> None:
        """An identity, or an equation to remember."""
        a, b = self.memory.substitute(left), self.memory.substitute(right)
        if arithmetic.constant(add(a, neg(b))) == 0:
            self.note(HOLDS)
            return
        if self._never_equal(claim, a, b):
            return
        names = symbols(a) | symbols(b)
        if len(names) == 1 and self._linear_agrees(next(iter(names)), a, b, claim):
            return
        if (
            symbols(a) == symbols(b)
            and expansion.written(a, b)
            and (identity or self._slipped(a, b))
        ):
            self.note(FAILS, f"{claim.text}: the two sides are different expressions")
        elif not self.mood.hypothetical:
            self.memory.remember(a, b, claim.text)

    def _slipped(self, a: Node, b: Node) -> bool:
        unsure = self.mood.hypothetical or self.mood.solving
        return not unsure and expansion.slipped(a, b)

    def _never_equal(self, claim: Claim, a: Node, b: Node) -> bool:
        """x^2 + 1 = x^2 + 2: the sides differ by the same amount whatever x is."""
        gap = arithmetic.constant(add(a, neg(b)))
        sums = a.head != "sym" and b.head != "sym"  # "i = i + 1" is an assignment
        if not gap or not sums or self.mood.hypothetical:
            return False
        self.note(FAILS, f"{claim.text}: the sides differ by {arithmetic.show(num(abs(gap)))}")
        return True

    def _bind(self, name: str, value: Node) -> None:
        """x = 5, checked against the equations that x must satisfy."""
        if name in self.bound:  # "x = 0, y = 2 and x = 9, y = 11": one solution after another
            self.mood.hypothetical = True
            for other in self.bound:
                self.memory.values.pop(other, None)
        self.bound.add(name)
        state, equation = self.memory.contradiction(name, value)
        if state == UNKNOWN:
            state, equation = self.memory.term(name, value)
        if state == FAILS and self.mood.hypothetical:
            state = UNKNOWN
        self.note(state, f"{name} = {arithmetic.show(value)} does not satisfy {equation}")
        number = arithmetic.constant(value)
        firm = not self.mood.hypothetical
        if state == UNKNOWN and firm and number is not None and self.memory.known:
            self.jumps |= _is_literal(value) and not self.memory.reachable(number)
        if state != FAILS:
            self.memory.bind(name, value, firm)
        if number is not None:
            self.memory.learn(number)

    def _linear_agrees(self, name: str, a: Node, b: Node, claim: Claim) -> bool:
        """A linear equation that follows another one in the same name must have its solution."""
        here, before = solve(a, b, name), self.memory.solution(name)
        if here is None or before is None:
            return False
        if here == before[0]:
            self.note(HOLDS)
            self.memory.remember(a, b, claim.text)
        elif not self.mood.hypothetical and not claim.units:
            was, now = (arithmetic.show(num(value)) for value in (before[0], here))
            self.note(FAILS, f"{claim.text}: {before[1]} gives {name} = {was}, this gives {now}")
        return True

    def final_value(self, found: list[Claim]) -> None:
        """A stated answer must be a value that the derivation has reached; one that merely occurs
        in the problem is neither right nor wrong."""
        stated = answer.extract(self.sentence)
        if stated is None or stated.where == "last line" or any(c.source == "mark" for c in found):
            return
        node = read(stated.text)
        value = arithmetic.constant(node.args[0] if node.head in ("quantity", "percent") else node)
        if value is None or not self.memory.known:
            return
        marked = stated.where == "marked"
        if value in self.memory.known or (marked and self._in_other_units(value)):
            self.note(UNKNOWN if value in self.memory.given else HOLDS)
        elif marked:
            self.note(FAILS, f"{stated.text} is no value that the derivation reached")
        elif not self.memory.reachable(value):
            self.jumps = True

    def _in_other_units(self, value: Fraction) -> bool:
        """0.25 dollars reached and 25 cents stated, or a fraction and its percentage."""
        return value / 100 in self.memory.known or value * 100 in self.memory.known


def _is_plain(node: Node) -> bool:
    """A value, perhaps with percent signs."""
    return all(
        (is_value(part) or part.head == "percent") and part.head not in ("pm", "mp")
        for part in node.walk()
    )


def _is_literal(value: Node) -> bool:
    return value.head == "num" or (value.head == "neg" and value.args[0].head == "num")
