"""English claims: truths, predicates, verbs and values, over formulas."""

from __future__ import annotations

import re
from collections.abc import Callable

from lemmata.apps.conjecture.formalise import english_words as words
from lemmata.apps.conjecture.formalise import existence, residues
from lemmata.apps.conjecture.formalise.english_exists import Exists
from lemmata.apps.conjecture.formalise.english_sums import sum_of
from lemmata.apps.conjecture.formalise.english_values import Values, halves
from lemmata.apps.conjecture.formalise.numbers import number
from lemmata.apps.conjecture.formalise.parts import Ambiguous, NotUnderstood, denied, truth
from lemmata.apps.conjecture.language.syntax import (
    Call,
    Compare,
    Connect,
    Connective,
    Node,
    Operate,
    Relation,
    conjunction,
)


class Claims(Values, Exists):
    """Reads claims over the names of one statement. Raises NotUnderstood."""

    def claim(self, text: str) -> Node:
        """A truth: words or a formula."""
        text = text.strip().rstrip(".").strip()
        unclear: Ambiguous | None = None
        for pattern, read in self._claims():
            match = re.fullmatch(pattern, text, re.I | re.S)
            if match:
                try:
                    return read(*match.groups())
                except NotUnderstood as error:
                    unclear = unclear or (error if isinstance(error, Ambiguous) else None)
        try:
            return truth(text, self._names)
        except NotUnderstood as error:
            raise unclear or error from None

    def _claims(self) -> list[tuple[str, Callable[..., Node]]]:
        return [
            (r"if (.+?),? then (.+)", lambda a, b: Connect("->", self.claim(a), self.claim(b))),
            (r"(.+) if and only if (.+)",
             lambda a, b: Connect("<->", self.claim(a), self.claim(b))),
            (r"(.+) only if (.+)", lambda a, b: Connect("->", self.claim(a), self.claim(b))),
            (r"(.+?) implies (?:that )?(.+)",
             lambda a, b: Connect("->", self.claim(a), self.claim(b))),
            *self._existential(),
            (r"(?:the (?:numbers|integers) )?(.+) and (.+) are (?:coprime|relatively prime)",
             lambda a, b: Call("coprime", (self.value(a), self.value(b)))),
            (r"(.+) and (.+) are (?:of|have) the (?:same|equal) parity",
             lambda a, b: Call("even", (Operate("-", self.value(a), self.value(b)),))),
            (r"(.+?(?:,| and) .+?) are (?:both |all )?(.+)", self._all_are),
            (r"at least one of (?:the (?:numbers|integers) )?(.+?) (?:is|are) (.+)", self._one_is),
            (r"(?:either )?([^<>=]+? or [^<>=]+?) is (.+)", self._one_is),
            (r"either (.+) or (.+)", lambda a, b: Connect("or", self.claim(a), self.claim(b))),
            (r"(.+?) (?:is|are) never (.+)", lambda a, b: denied(self.predicate(self.value(a), b))),
            (r"(.+?) (?:is|are) always (.+)", lambda a, b: self.predicate(self.value(a), b)),
            (r"(.+?) can be (?:written|expressed) as (.+)",
             lambda a, b: self.predicate(self.value(a), b)),
            (r"(.+?) (?:is|are) (.+)", lambda a, b: self.predicate(self.value(a), b)),
            (rf"(.+?) ({words.VERBS}) (.+)",
             lambda a, verb, b: self.verb(self.value(a), f"{verb} {b}")),
            (r"(.+) (even|odd|prime|composite)",
             lambda a, truth: Call(truth.lower(), (self.value(a),))),
            (r"(.+) or (.+)", lambda a, b: Connect("or", self.claim(a), self.claim(b))),
            (r"(.+) and (.+)", lambda a, b: Connect("and", self.claim(a), self.claim(b))),
            (r"([^<>=]+?)\s*(<=|>=|!=|<|>|=|≤|≥|≠)\s*([^<>=]+)", self._relate),
        ]  # fmt: skip

    def _relate(self, left: str, op: str, right: str) -> Node:
        if re.search(r"mod\b", right) and not re.search(r"mod\b", left):
            return self.formula(f"{left} {op} {right}")  # which knows a congruence from a remainder
        relation: Relation = {"≤": "<=", "≥": ">=", "≠": "!="}.get(op, op)  # type: ignore[assignment]
        return Compare(relation, self.value(left), self.value(right))

    def _all_are(self, subjects: str, predicate: str) -> Node:
        """`p and p + 2 are both prime`."""
        each = [self.value(one) for one in re.split(r"\s*,\s*(?:and )?|\s+and\s+", subjects)]
        found = conjunction(tuple(self.predicate(one, predicate) for one in each))
        assert found is not None
        return found

    def _one_is(self, subjects: str, predicate: str) -> Node:
        """`at least one of n, n + 1 and n + 2 is divisible by 3`, `6k + 1 or 6k - 1 is prime`."""
        pieces = re.split(r"\s*,\s*(?:(?:and|or) )?|\s+(?:and|or)\s+", subjects)
        return residues.disjunction([self.predicate(self.value(one), predicate) for one in pieces])

    def predicate(self, subject: Node, text: str, alone: bool = True) -> Node:
        """What stands after `is`; not `alone`, a bare number may be left of another list."""
        text = text.strip()
        if text.lower().startswith("not "):
            return self._not(subject, text[4:])
        if text.lower().startswith("always "):
            return self.predicate(subject, text[7:])
        if text.lower() in words.TRUTHS:
            return Call(words.TRUTHS[text.lower()], (subject,))
        for pattern, read in self._predicates(subject):
            match = re.fullmatch(pattern, text, re.I)
            if match:
                try:
                    return read(*match.groups())
                except NotUnderstood:
                    continue
        node = sum_of(subject, text.lower(), self._names) or self._equated(subject, text, alone)
        return node or self._joined(subject, text)

    def _not(self, subject: Node, text: str) -> Node:
        """`not prime`; in `not odd and prime` only the first is denied, in `not odd or prime` who
        knows."""
        if " and " in text:
            first, second = text.split(" and ", 1)
            return Connect("and", self._not(subject, first), self.predicate(subject, second, False))
        if " or " in text and not re.match(words.RELATION, text, re.I):
            raise Ambiguous(
                f"'not {text[:60]}' may mean two things", "Say neither, or one of them."
            )
        return denied(self.predicate(subject, text))

    def _joined(self, subject: Node, text: str) -> Node:
        """`prime and odd`, `prime or a power of two`."""
        joints: tuple[Connective, ...] = ("or", "and")  # `and` binds tighter
        for joint in joints:
            for first, second in halves(text, f" {joint} "):
                try:
                    pair = tuple(self.predicate(subject, half, False) for half in (first, second))
                except NotUnderstood:
                    continue
                return Connect(joint, *pair)
        raise NotUnderstood(f"{text[:60]!r} is not understood")

    def _equated(self, subject: Node, text: str, alone: bool) -> Node | None:
        """`is the square of n`, `is n^2`, `is 0 or 1`: values, said with `the` or as formulas."""
        if re.search(r"\bmod", text):
            return None
        said = text.startswith(("the ", "its ", "one ", "twice "))
        if not said and not alone:
            return None
        options = [text] if said else re.split(r",? or |, ", text)
        try:
            each = [Compare("=", subject, self.value(one)) for one in options]
        except NotUnderstood:
            return None
        return residues.disjunction(each)

    def _predicates(self, subject: Node) -> list[tuple[str, Callable[..., Node]]]:
        return [
            (rf"({words.RELATION}) (.+)",
             lambda op, end: Compare(words.relation(op), subject, self.value(end))),
            (r"(?:evenly )?(?:divisible by|a multiple of) (?:both )?(.+?) (and|or) (?:by )?(.+)",
             lambda d, joint, e: Connect(joint.lower(), Call("divides", (self.value(d), subject)),
                                         Call("divides", (self.value(e), subject)))),
            (r"(?:evenly )?(?:divisible by|a multiple of) (.+)",
             lambda d: Call("divides", (self.value(d), subject))),
            (r"divisible by (?:an?|some) (odd )?prime(?: number)?", lambda odd: existence.factor(
                subject, ["odd", "prime"] if odd else ["prime"], self._names, None)),
            (r"an integer", lambda: Compare("=", subject, Call("floor", (subject,)))),
            (r"a (?:divisor|factor) of (.+)", lambda m: Call("divides", (subject, self.value(m)))),
            (r"(?:coprime|relatively prime) to (.+)",
             lambda m: Call("coprime", (subject, self.value(m)))),
            (r"(?:congruent to |equivalent to )?(.+?),? \(?mod(?:ulo)? ([^()]+?)\)?",
             lambda r, m: residues.congruent(subject, self._options(r), self.value(m))),
            (r"(positive|negative|non-?negative|non-?zero)", lambda sign: Compare(
                words.SIGNS[sign.lower().replace("-", "")], subject, number(0))),
            (r"led to 1 by the Collatz map", lambda: Call("collatz", (subject,))),
        ]  # fmt: skip

    def _options(self, text: str) -> list[Node]:
        """`1, 7 or 11`, `1 or -1`, `±1`."""
        text = re.sub(r"(?:±|\\pm ?)(\w+)", r"\1 or -\1", text)
        return [self.value(one) for one in re.split(r",? or |, ", text)]

    def verb(self, subject: Node, text: str) -> Node:
        """What the subject does: `divides n`, `has an even number of divisors`."""
        text = text.strip()
        for pattern, read in self._verbs(subject):
            match = re.fullmatch(pattern, text, re.I)
            if match:
                try:
                    return read(*match.groups())
                except NotUnderstood:
                    continue
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
            (r"leaves? (?:a |the )?remainder (?:of )?(.+?) (?:when|on|upon|after) (?:being )?"
             r"(?:divided|division) by (.+)",
             lambda r, m: residues.leaving(subject, self._options(r), self.value(m))),
            (r"ends? (?:in|with) (?:the digits? |an? )?([\d, or]+)",
             lambda digits: residues.ending(subject, re.findall(r"\w+", digits.replace("or", "")))),
            (r"(?:takes? only|only takes?) prime values", lambda: Call("prime", (subject,))),
            *self._factors(subject),
            (r"(?:reach(?:es)?|comes? down to) 1 (?:under|by) (?:the )?"
             r"Collatz (?:map|iteration)",
             lambda: Call("collatz", (subject,))),
            (r"ha(?:s|ve) an? (even|odd) number of (.+)",
             lambda parity, what: Call(parity.lower(), (self._counted(what, subject),))),
            (rf"ha(?:s|ve) ({words.RELATION}) (.+) ([a-z ]+?)", self._has(subject)),
            (r"ha(?:s|ve) (\w+|\w+ [-+] \w+) ([a-z ]+?)",
             lambda count, what: self._has(subject)("exactly", count, what)),
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
            many = number(0) if count.lower() == "no" else self.value(count)
            return Compare(words.relation(op), self._counted(what, subject), many)

        return read

    def _counted(self, what: str, subject: Node) -> Node:
        what = re.sub(r"^(?:positive )", "", what.lower())
        function = words.COUNTED.get(what) or words.COUNTED.get(f"{what}s")
        if function is None:
            raise NotUnderstood(f"{what!r} cannot be counted here")
        return Call(function, (subject,))
