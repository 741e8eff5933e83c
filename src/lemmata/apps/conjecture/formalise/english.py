"""English statements. A phrase that is not understood whole is refused, never guessed at."""

from __future__ import annotations

import re

from lemmata.apps.conjecture.formalise import domains, parts
from lemmata.apps.conjecture.formalise import english_words as words
from lemmata.apps.conjecture.formalise.domains import Things
from lemmata.apps.conjecture.formalise.english_nouns import Nouns
from lemmata.apps.conjecture.formalise.parts import NotUnderstood, denied
from lemmata.apps.conjecture.formalise.statement_forms import Form, StatementForms
from lemmata.apps.conjecture.language.spec import Spec
from lemmata.apps.conjecture.language.syntax import Node


def understand(text: str, statement: str) -> Spec:
    """The spec of an English statement. Raises NotUnderstood."""
    return Statements(statement).statement(parts.tidy(text).rstrip(". "))


class Statements(Nouns, StatementForms):
    """Reads whole English statements."""

    DOMAIN_ENDS = r"\s*(?:,|:|we have(?: that)?|it holds that)\s*"

    def _forms(self) -> list[Form]:
        every = r"(?:every|each|all|any|for all|for every|for any|for each)"
        return [
            (rf"{every} (.+(?:,|:|we have|it holds that).+)", self._each),
            (rf"{every} (.+?) (?:can be (?:written|expressed) as) (.+)", self._is),
            (rf"{every} (.+?) (?:is|are) (.+)", self._is),
            (
                rf"{every} (.+?) ((?:has|have|divides?|reach(?:es)?|contains?|equals?) .+)",
                self._does,
            ),
            (r"for (?!all |every |any |each )(.+,.+)", self._each),
            (r"an? (.+?) is always (.+)", self._is),
            (r"(?:there (?:is|are|exists?) no|no) (.+?) (?:is|are) (.+)", self._none_is),
            (
                r"(?:there (?:is|are|exists?) no) (.+?) (?:such that|with|for which) (.+)",
                self._none_with,
            ),
            (r"(?:there (?:is|are|exists?) no) (.+)", self._none),
            (
                r"no (.+?) ((?:has|have|divides?|reach(?:es)?|contains?|satisf(?:y|ies)) .+)",
                self._none_does,
            ),
            (r"if (.+?),? then (.+)", self._if),
            (r"(.+?),? for (?:all|every|each|any) (.+)", self._claim_for),
            (r"(.+?),? whenever (.+)", lambda claim, when: self._if(when, claim)),
            (r"((?!if |every |all |any |each |for |no ).+)", self._bare),
        ]

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
        things = self._names.assumed(sorted(_letters(claim)))
        return domains.spec([things], self.claim(claim), self._said)

    def _conditions(self, text: str) -> tuple[Things, list[Node]]:
        """`n is an odd number greater than 1 and n divides 2^n - 2`: who it is about, and what."""
        declared = re.match(rf"({words.VAR}) (?:is|are) (.+)", text)
        for piece, more in _splits(declared[2]) if declared else []:
            try:
                noun = self.noun(_bare_noun(piece), self._named(declared[1] if declared else ""))
            except NotUnderstood:
                continue
            return noun, [self.claim(part) for part in more]
        aside = re.fullmatch(r"(.+) for (an? .+)", text)
        if aside:
            return self.noun(aside[2]), [self.claim(aside[1])]
        doing = re.fullmatch(rf"an? (.+? {words.VAR}) ((?:has|contains|divides) .+)", text)
        if doing:
            noun = self.noun(doing[1])
            return noun, [self.verb(noun.subject, doing[2])]
        return self._names.assumed(sorted(_letters(text))), [self.claim(text)]


def _letters(text: str) -> set[str]:
    """The letters that stand alone, as variables do; `a` only beside a sign."""
    found = set(re.findall(r"(?<![A-Za-z\\])[b-z](?![A-Za-z])", text))
    return found | ({"a"} if re.search(r"\ba\s*[-+*/^=<>|,)]", text) else set())


def _splits(text: str) -> list[tuple[str, list[str]]]:
    """The whole, then ever less of it before an `and` or a comma, the rest as claims."""
    pieces = re.split(r",? and | such that |, ", text)
    whole: list[tuple[str, list[str]]] = [(text, [])]
    return whole + [(" and ".join(pieces[:i]), pieces[i:]) for i in range(len(pieces), 0, -1)]


def _bare_noun(text: str) -> str:
    """`an odd number` and `odd` both as nouns."""
    text = re.sub(r"^(?:an?|the) ", "", text.strip())
    return text if re.search(words.NOUNS, text, re.I) else f"{text} number"
