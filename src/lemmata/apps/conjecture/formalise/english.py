"""English statements. A phrase that is not understood whole is refused, never guessed at."""

from __future__ import annotations

import re
from fractions import Fraction

from lemmata.apps.conjecture.formalise import domains, parts
from lemmata.apps.conjecture.formalise import english_words as words
from lemmata.apps.conjecture.formalise.domains import Things
from lemmata.apps.conjecture.formalise.english_compounds import Compounds
from lemmata.apps.conjecture.formalise.parts import NotUnderstood, denied
from lemmata.apps.conjecture.formalise.statement_forms import Form, StatementForms
from lemmata.apps.conjecture.language.spec import Spec
from lemmata.apps.conjecture.language.syntax import Connect, Node


def understand(text: str, statement: str) -> Spec:
    """The spec of an English statement. Raises NotUnderstood."""
    plain = parts.tidy(text).rstrip("?. ")
    return Statements(statement).statement(re.sub(_OPENING, "", plain, flags=re.I))


_OPENING = (
    r"^(?:(?:conjecture|claim|theorem|lemma|proposition|statement)(?: \d+)?\s*[:.]\s*)?"
    r"(?:(?:prove|show|verify|check|is it true|it is true|we claim|i claim) that,? )?"
)
"""What people write before a statement."""


class Statements(Compounds, StatementForms):
    """Reads whole English statements."""

    DOMAIN_ENDS = (
        r"\s*(?:,|:|we have(?: that)?|it holds that)\s*"
        r"|\s+(?=there (?:is|are|exists?)\b|the (?:number|sum|product|integer|inequality)\b)"
    )

    def _forms(self) -> list[Form]:
        every = r"(?:every|each|all|any|for all|for every|for any|for each|given any|given an?)"
        return [
            (rf"{every} (.+(?:,|:|we have|it holds that| there | the ).+)", self._each),
            (rf"{every} (.+?) (?:can be (?:written|expressed) as) (.+)", self._is),
            (rf"{every} (.+?) (?:is|are) (.+)", self._is),
            (rf"{every} (.+?) ((?:{words.VERBS}) .+)", self._does),
            (r"for (?!all |every |any |each )(.+,.+)", self._each),
            (r"an? (.+?) is always (.+)", self._is),
            (r"there (?:is|are|exists?) no (.+?),? (?:such that|for which) (.+)", self._none_with),
            (r"(?:there (?:is|are|exists?) no|no) (.+?) (?:is|are) (.+)", self._none_is),
            (r"there (?:is|are|exists?) no (.+?),? with (.+)", self._none_with),
            (r"(?:there (?:is|are|exists?) no) (.+)", self._none),
            (rf"no (.+?) ((?:{words.VERBS}) .+)", self._none_does),
            (
                r"(?:let|suppose|assume)(?: that)? (.+?)(?: be (.+?))?[.,;] "
                r"(?:then,? |prove that )?(.+)",
                self._let,
            ),
            (r"if (.+?),? then (.+)", self._if),
            (r"(.+?),? for (?:all |every |each |any |(?!an? |some |infinitely ))(.+)",
             self._claim_for),
            (
                r"((?!every |all |any |each |for |no |there |if ).+?),? "
                r"(?:whenever|provided that|if(?! and only)|when)(?<!only if) (.+)",
                lambda claim, when: self._if(when, claim),
            ),
            (r"whenever (.+?), (.+)", self._if),
            (r"if (an? .+?) ((?:is|has) .+?),? then (its?) (.+)", self._of_it),
            (r"(an? .+?) ((?:is|has) .+?) if and only if (its?) (.+)", self._exactly_if_it),
            (
                r"(?:the equation )?(.+=.+) has no solutions? (?:in|over) (?:the )?(.+)",
                self._unsolvable,
            ),
            *self._compound_forms(),
            (r"((?!if |every |all |any |each |for |no ).+)", self._bare),
        ]  # fmt: skip

    def _let(self, what: str, noun: str | None, claim: str) -> Spec:
        """`Let p be a prime. Then …`."""
        return self._if(what if noun is None else f"{what} is {noun}", claim)

    def _none_does(self, noun: str, verb: str) -> Spec:
        things = self.noun(noun)
        return domains.spec([things], denied(self.verb(things.subject, verb)), self._said)

    def _if(self, condition: str, claim: str) -> Spec:
        things, guards = self._conditions(condition)
        things.guards += guards
        return domains.spec([things], self.claim(claim), self._said)

    def _claim_for(self, claim: str, domain: str) -> Spec:
        things = self.declared(domain)
        return domains.spec(things, self.claim(claim), self._said)

    def _bare(self, claim: str) -> Spec:
        """A claim alone, about letters that nobody introduced."""
        things = self._names.assumed(sorted(_letters(claim)), claim)
        return domains.spec([things], self.claim(claim), self._said)

    def _of_it(self, noun: str, condition: str, its: str, claim: str) -> Spec:
        """`If a number is divisible by 9, then its digit sum is.`"""
        things = self._about(noun)
        things.guards.append(self._done(things.subject, condition))
        return domains.spec([things], self._said_of_it(things, its, claim), self._said)

    def _exactly_if_it(self, noun: str, one: str, its: str, other: str) -> Spec:
        things = self._about(noun)
        sides = self._done(things.subject, one), self._said_of_it(things, its, other)
        return domains.spec([things], Connect("<->", *sides), self._said)

    def _said_of_it(self, things: Things, its: str, claim: str) -> Node:
        if its.lower() == "it":
            return self._done(things.subject, claim)
        return self.claim(f"its {claim}")

    def _unsolvable(self, equation: str, noun: str) -> Spec:
        letters = sorted(set(re.findall(r"(?<![A-Za-z\\])[a-z](?![A-Za-z])", equation)))
        things = self.noun(noun, letters)
        if things.names != letters or things.value is not None:
            raise NotUnderstood(f"{noun[:60]!r} are no numbers to solve it in")
        self._names.taken.update(letters)
        return domains.spec([things], denied(self.formula(equation)), self._said)

    def _conditions(self, text: str) -> tuple[Things, list[Node]]:
        """`n is an odd number greater than 1 and n divides 2^n - 2`: who it is about, and what."""
        declared = re.match(rf"({words.VAR}) (?:is|are) (?:both )?(.+)", text)
        for piece, more in _splits(declared[2]) if declared else []:
            try:
                noun = self.noun(_bare_noun(piece), self._named(declared[1] if declared else ""))
                return noun, [self.claim(part) for part in more]
            except NotUnderstood:
                self._names = parts.Names()
        aside = re.fullmatch(r"(.+) for (an? .+)", text)
        if aside:
            return self.noun(aside[2]), [self.claim(aside[1])]
        doing = re.fullmatch(rf"an? (.+? {words.VAR}) ((?:has|contains|divides) .+)", text)
        if doing:
            try:
                noun = self.noun(doing[1])
                return noun, [self.verb(noun.subject, doing[2])]
            except NotUnderstood:  # `a divides b` is about a, not an article
                self._names = parts.Names()
        if re.search(r"\bG\b", text) and not _letters(text):
            self._names.taken.add("G")  # what everybody calls a graph
            return Things(["G"], "graph", Fraction(1)), [self.claim(text)]
        return self._names.assumed(sorted(_letters(text)), text), [self.claim(text)]


def _letters(text: str) -> set[str]:
    """The letters that stand alone, as variables do; `a` only beside a sign."""
    found = set(re.findall(r"(?<![A-Za-z\\])[b-z](?![A-Za-z])", text))
    alone = r"\ba\s*(?:[-+*/^=<>|,)≤≥≡]|\\|(?:divides|is|does|equals|leaves|and [b-z]\b))"
    return found | ({"a"} if re.search(alone, text) else set())


def _splits(text: str) -> list[tuple[str, list[str]]]:
    """The whole, then ever less of it before an `and` or a comma, the rest as claims."""
    pieces = re.split(r",? and | such that |, ", text)
    whole: list[tuple[str, list[str]]] = [(text, [])]
    return whole + [(" and ".join(pieces[:i]), pieces[i:]) for i in range(len(pieces), 0, -1)]


def _bare_noun(text: str) -> str:
    """`an odd number` and `odd` both as nouns."""
    text = re.sub(r"^(?:an?|the) ", "", text.strip())
    return text if re.search(words.NOUNS, text, re.I) else f"{text} number"
