"""English claims: truths, predicates, verbs and values, over formulas."""

from __future__ import annotations

import re
from collections.abc import Callable

from lemmata.apps.conjecture.formalise import english_words as words
from lemmata.apps.conjecture.formalise import sums
from lemmata.apps.conjecture.formalise.numbers import number
from lemmata.apps.conjecture.formalise.parts import Names, NotUnderstood, denied, formula
from lemmata.apps.conjecture.language.syntax import (
    Call,
    Compare,
    Connect,
    Node,
    Operate,
    Relation,
)


class Claims:
    """Reads claims over the names of one statement. Raises NotUnderstood."""

    _names: Names

    def claim(self, text: str) -> Node:
        """A truth: words or a formula."""
        text = text.strip().rstrip(".").strip()
        for pattern, read in self._claims():
            match = re.fullmatch(pattern, text, re.I | re.S)
            if match:
                try:
                    return read(*match.groups())
                except NotUnderstood:
                    continue
        return self.formula(text)

    def _claims(self) -> list[tuple[str, Callable[..., Node]]]:
        return [
            (r"if (.+?),? then (.+)", lambda a, b: Connect("->", self.claim(a), self.claim(b))),
            (r"(.+) if and only if (.+)",
             lambda a, b: Connect("<->", self.claim(a), self.claim(b))),
            (r"(.+?) implies (?:that )?(.+)",
             lambda a, b: Connect("->", self.claim(a), self.claim(b))),
            (r"there (?:is|exists) (?:always )?(?:an?|at least one) (.+?)(?: [a-z])? "
             r"(?:strictly )?between (.+?) and (.+)", self._exists_between),
            (r"between (.+?) and (.+) there (?:is|exists) (?:always )?(?:an?|at least one) (.+)",
             lambda low, high, noun: self._exists_between(noun, low, high)),
            (r"(?:the (?:numbers|integers) )?(.+) and (.+) are (?:coprime|relatively prime)",
             lambda a, b: Call("coprime", (self.value(a), self.value(b)))),
            (r"either (.+) or (.+)", lambda a, b: Connect("or", self.claim(a), self.claim(b))),
            (r"(.+?) (?:is|are) never (.+)", lambda a, b: denied(self.predicate(self.value(a), b))),
            (r"(.+?) (?:is|are) always (.+)", lambda a, b: self.predicate(self.value(a), b)),
            (r"(.+?) can be (?:written|expressed) as (.+)",
             lambda a, b: self.predicate(self.value(a), b)),
            (r"(.+?) (?:is|are) (.+)", lambda a, b: self.predicate(self.value(a), b)),
            (r"(.+?) (does not divide|divides|exceeds|equals|never exceeds|has|have|reaches"
             r"|contains) (.+)", lambda a, verb, b: self.verb(self.value(a), f"{verb} {b}")),
            (r"(.+) and (.+)", lambda a, b: Connect("and", self.claim(a), self.claim(b))),
            (r"(.+) or (.+)", lambda a, b: Connect("or", self.claim(a), self.claim(b))),
            (r"([^<>=]+?)\s*(<=|>=|!=|<|>|=|≤|≥|≠)\s*([^<>=]+)", self._relate),
        ]  # fmt: skip

    def _relate(self, left: str, op: str, right: str) -> Node:
        relation: Relation = {"≤": "<=", "≥": ">=", "≠": "!="}.get(op, op)  # type: ignore[assignment]
        return Compare(relation, self.value(left), self.value(right))

    def _exists_between(self, noun: str, low: str, high: str) -> Node:
        function = words.TRUTHS.get(noun.lower()) or words.TRUTHS.get(f"a {noun.lower()}")
        if function is None:
            raise NotUnderstood(f"{noun!r} is no kind of number that is known")
        ends = self.value(low), self.value(high)
        return sums.exists_between(function, *ends, self._names)

    def predicate(self, subject: Node, text: str) -> Node:
        """What stands after `is`."""
        text = text.strip()
        if text.lower().startswith("not "):
            return denied(self.predicate(subject, text[4:]))
        if text.lower().startswith("always "):
            return self.predicate(subject, text[7:])
        if text.lower() in words.TRUTHS:
            return Call(words.TRUTHS[text.lower()], (subject,))
        for pattern, read in self._predicates(subject):
            match = re.fullmatch(pattern, text, re.I)
            if match:
                return read(*match.groups())
        node = self._sum(subject, text.lower()) or self._equated(subject, text)
        return node or self._joined(subject, text)

    def _joined(self, subject: Node, text: str) -> Node:
        """`prime and odd`, `prime or a power of two`."""
        for joint in ("and", "or"):
            for first, second in _halves(text, f" {joint} "):
                try:
                    pair = self.predicate(subject, first), self.predicate(subject, second)
                except NotUnderstood:
                    continue
                return Connect(joint, *pair)
        raise NotUnderstood(f"{text[:60]!r} is not understood")

    def _equated(self, subject: Node, text: str) -> Node | None:
        """`is the square of n`: a value said with `the`."""
        if not text.startswith("the "):
            return None
        try:
            return Compare("=", subject, self.value(text))
        except NotUnderstood:
            return None

    def _predicates(self, subject: Node) -> list[tuple[str, Callable[..., Node]]]:
        return [
            (rf"({words.RELATION}) (.+)",
             lambda op, end: Compare(words.relation(op), subject, self.value(end))),
            (r"(?:divisible by|a multiple of) (.+)",
             lambda d: Call("divides", (self.value(d), subject))),
            (r"a divisor of (.+)", lambda m: Call("divides", (subject, self.value(m)))),
            (r"(?:coprime|relatively prime) to (.+)",
             lambda m: Call("coprime", (subject, self.value(m)))),
            (r"congruent to (.+?) mod(?:ulo)? (.+)", lambda r, m: Compare(
                "=", Operate("mod", subject, self.value(m)), self.value(r))),
            (r"(positive|negative|non-?negative|non-?zero)", lambda sign: Compare(
                words.SIGNS[sign.lower().replace("-", "")], subject, number(0))),
            (r"led to 1 by the Collatz map", lambda: Call("collatz", (subject,))),
        ]  # fmt: skip

    def _sum(self, subject: Node, text: str) -> Node | None:
        """`the sum of two primes`, `at most four squares`, `a prime plus twice a square`."""
        text = re.sub(r"^(?:(?:the|a) sum|sums) of ", "", text)
        match = re.fullmatch(r"(?:at most )?(\w+) (?:perfect |integer )?squares", text)
        if match and match[1] in words.COUNTS:
            return sums.sum_of_powers(subject, words.COUNTS[match[1]], 2, self._names)
        match = re.fullmatch(r"(?:at most )?(\w+) (?:non-?negative |perfect )?cubes", text)
        if match and match[1] in words.COUNTS:
            return sums.sum_of_powers(subject, words.COUNTS[match[1]], 3, self._names)
        match = re.fullmatch(r"(?:at most )?(\w+) triangular numbers", text)
        if match and match[1] in words.COUNTS:
            return sums.sum_of_triangular(subject, words.COUNTS[match[1]], self._names)
        if re.fullmatch(r"two (?:\(not necessarily distinct\) )?primes?(?: numbers)?", text):
            return sums.sum_of_two(subject, "prime", "prime", self._names)
        if re.fullmatch(r"a prime (?:and|plus) twice a (?:perfect )?square", text):
            return sums.prime_and_twice_square(subject, self._names)
        if re.fullmatch(r"a prime (?:and|plus) a power of (?:two|2)", text):
            return sums.prime_and_power_of_two(subject, self._names)
        if re.fullmatch(r"a prime (?:and|plus) a (?:perfect )?square", text):
            return sums.sum_of_two(subject, "prime", "square", self._names)
        return None

    def verb(self, subject: Node, text: str) -> Node:
        """What the subject does: `divides n`, `has an even number of divisors`."""
        text = text.strip()
        for pattern, read in self._verbs(subject):
            match = re.fullmatch(pattern, text, re.I)
            if match:
                return read(*match.groups())
        raise NotUnderstood(f"{text[:60]!r} is not understood")

    def _verbs(self, subject: Node) -> list[tuple[str, Callable[..., Node]]]:
        return [
            (r"(?:do|does) not divide (.+)",
             lambda m: denied(Call("divides", (subject, self.value(m))))),
            (r"divides? (.+)", lambda m: Call("divides", (subject, self.value(m)))),
            (r"never exceeds? (.+)", lambda b: Compare("<=", subject, self.value(b))),
            (r"exceeds? (.+)", lambda b: Compare(">", subject, self.value(b))),
            (r"equals? (.+)", lambda b: Compare("=", subject, self.value(b))),
            (r"(?:is|are) (.+)", lambda p: self.predicate(subject, p)),
            (r"satisf(?:y|ies) (.+)", self.claim),
            (r"(?:reach(?:es)?|comes? down to) 1 (?:under|by) (?:the )?"
             r"Collatz (?:map|iteration)",
             lambda: Call("collatz", (subject,))),
            (r"ha(?:s|ve) an? (even|odd) number of (.+)",
             lambda parity, what: Call(parity.lower(), (self._counted(what, subject),))),
            (rf"ha(?:s|ve) ({words.RELATION}) (\w+) (.+)", self._has(subject)),
            (r"contains? no triangles?", lambda: Call("triangle_free", (subject,))),
            (r"contains? (?:a|at least one) triangle", lambda: denied(
                Call("triangle_free", (subject,)))),
            (r"contains? (?:a triangle or three pairwise non-?adjacent vertices)", lambda: Connect(
                "or", Compare(">=", Call("clique", (subject,)), number(3)),
                Compare(">=", Call("independence", (subject,)), number(3)))),
            (r"contains? (?:a )?cycles?", lambda: denied(Call("acyclic", (subject,)))),
        ]  # fmt: skip

    def _has(self, subject: Node) -> Callable[[str, str, str], Node]:
        def read(op: str, count: str, what: str) -> Node:
            many = number(words.COUNTS[count]) if count in words.COUNTS else self.value(count)
            return Compare(words.relation(op), self._counted(what, subject), many)

        return read

    def _counted(self, what: str, subject: Node) -> Node:
        function = words.COUNTED.get(re.sub(r"^(?:positive )", "", what.lower()))
        if function is None:
            raise NotUnderstood(f"{what!r} cannot be counted here")
        return Call(function, (subject,))

    def value(self, text: str) -> Node:
        """A value: words or a formula."""
        text = text.strip()
        for joint, op in ((" plus ", "+"), (" minus ", "-"), (" times ", "*")):
            if joint in text:
                left, right = text.split(joint, 1)
                return Operate(op, self.value(left), self.value(right))  # type: ignore[arg-type]
        for pattern, make in words.VALUES:
            match = re.fullmatch(pattern, text, re.I)
            if match:
                try:
                    inner = [self.value(group) for group in match.groups() if group is not None]
                except NotUnderstood:
                    continue
                return make(*inner)
        for op in ("+", "-", "*"):
            for left, right in reversed(list(_halves(text, f" {op} "))):
                try:
                    if any(re.search(r"[A-Za-z]{4,} [a-z]+", side) for side in (left, right)):
                        return Operate(op, self.value(left), self.value(right))  # type: ignore[arg-type]
                except NotUnderstood:
                    continue
        text = re.sub(r"^the (?:number|integer|value|expression|polynomial) ", "", text)
        return self.formula(text)

    def formula(self, text: str) -> Node:
        return formula(text, self._names)


def _halves(text: str, joint: str) -> list[tuple[str, str]]:
    """Every way to cut the text at the joint."""
    pieces = text.split(joint)
    return [(joint.join(pieces[:i]), joint.join(pieces[i:])) for i in range(1, len(pieces))]
