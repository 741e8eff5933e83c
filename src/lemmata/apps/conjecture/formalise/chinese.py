"""Chinese statements; as in `english`, what is not understood whole is refused."""

from __future__ import annotations

import re

from lemmata.apps.conjecture.formalise import chinese_words as words
from lemmata.apps.conjecture.formalise import domains, parts
from lemmata.apps.conjecture.formalise.chinese_compounds import Compounds
from lemmata.apps.conjecture.formalise.domains import Things
from lemmata.apps.conjecture.formalise.parts import NotUnderstood
from lemmata.apps.conjecture.formalise.statement_forms import Form, StatementForms
from lemmata.apps.conjecture.language.spec import Spec

_EVERY = words.EVERY
_OPENING = r"^(?:猜想|命题|定理|求证|证明)\s*\d*\s*[:,]?\s*"
"""What people write before a statement."""

_BLANKS = re.compile(r"(?<=[一-鿿]) +| +(?=[一-鿿])")
"""Blanks that many put around numbers and letters, for looks."""


def understand(text: str, statement: str) -> Spec:
    """The spec of a Chinese statement. Raises NotUnderstood."""
    plain = parts.tidy(text.translate(str.maketrans("，。：；（）　", ",.:;() "))).rstrip("?？. ")
    plain = _named(re.sub(_OPENING, "", plain))
    try:
        return Statements(statement).statement(plain)
    except NotUnderstood:
        close = _BLANKS.sub("", plain)
        if close == plain:
            raise
        return Statements(statement).statement(close)


def _named(text: str) -> str:
    """`如果一个数…，那么这个数…`: with a letter for it."""
    if "n" in text or not re.search(r"一个(?:正整数|自然数|数)(?!字)", text):
        return text
    said = re.sub(r"一个(?:正整数|自然数|数)(?!字)", "n", text, count=1)
    return re.sub(r"这个(?:正整数|自然数|数)(?!字)|该数|(?<=[,么则])它", "n", said)


class Statements(Compounds, StatementForms):
    """Reads whole Chinese statements."""

    DOMAIN_ENDS = r"\s*[,:](?:都有|有|恒有)?\s*"

    def declared(self, text: str) -> list[Things]:
        return [self.noun(text)]

    def _forms(self) -> list[Form]:
        return [
            (rf"(?:对于?|设)?{_EVERY}(.+[,:].+)", self._each),
            (
                r"设(.+?),(?:若|如果)(.+?),?(?:则|那么)(.+)",
                lambda noun, when, claim: self._if(f"{noun}且{when}", claim),
            ),
            (r"(?:若|如果|假如|设)(.+?),?(?:则|那么|就有)(.+)", self._if),
            (r"当(.+?)时,?(?:都有|恒有|有)?(.+)", self._if),
            (
                rf"(?:当)?({words.VARS})\s*[为是]任意(?:的|一?个)?(.+?)时,?(.+)",
                lambda letters, noun, claim: self._claim_for(claim, f"{noun}{letters}"),
            ),
            (r"只要(.+?),(.+?)就?((?:能|是|有|不|整除).+)", lambda when, who, does: self._if(
                when, f"{who}{does}")),
            (
                rf"{_EVERY}(.+?)(?:都|均|皆)?满足(.+)",
                lambda noun, claim: self._claim_for(claim, noun),
            ),
            (
                r"方程(.+=.+)(?:没有|无)((?:正|非负|非零)?整数|自然数|有理数|(?:正)?实数)解",
                self._unsolvable,
            ),
            (rf"{_EVERY}(.+?)(?:都|均|皆)?(?:可以?|能够?)?(?:表示|写)(?:成|为)(.+)", self._is),
            (rf"{_EVERY}(.+?)(?:都|均|皆)(?:是|为)(.+)", self._is),
            (rf"{_EVERY}(.+?)(?:都|均|皆)(.+)", self._does),
            (rf"{_EVERY}(.+?)(经.+|(?:至[少多]|恰好?|没)?有.+|能.+|不.+)", self._does),
            (rf"{_EVERY}(.+?)是(.+)", self._is),
            (r"(?!不存在|没有|若|当|设)(.+?)(?:都|均|皆)(?:是|为)(.+)", self._is),
            (r"(?!不存在|没有|若|当|设)(.+?)(?:都|均|皆)不(?:是|为)(.+)", self._none_is),
            (r"(?:不存在|没有)(.+?)是(.+)", self._none_is),
            (r"没有(.+?)((?:能?被|有|整除|大于|小于|满足).+)", self._none_does),
            (r"(?:不存在|没有)(?:满足|使得)(.+?)的(.+)", self._none_having),
            (r"(?:不存在|没有)(.+?),?(?:使得?|满足|适合)[,:]?(.+)", self._none_with),
            (r"(?:不存在|没有)(.+)", self._none),
            *self._compound_forms(),
            (rf"(.+?),?对(?:于)?{_EVERY}(.+?)(?:都|均|恒)?成立", self._claim_for),
            (rf"(.+?),?对(?:于)?{_EVERY}(.+?)(?:都|均|恒|总|皆)((?:是|为|有|能|不).+)",
             lambda subject, noun, does: self._claim_for(f"{subject}{does}", noun)),
            (r"((?!若|如果|假如|当|设|不|没有|存在|对|凡|有|几乎|大多|某).+)", self._bare),
        ]  # fmt: skip

    def _claim_for(self, claim: str, domain: str) -> Spec:
        things = self.declared(domain)
        return domains.spec(things, self.claim(claim), self._said)

    def _bare(self, claim: str) -> Spec:
        """A claim alone, about letters that nobody introduced."""
        things = self._names.assumed(sorted(_letters(claim)), claim)
        return domains.spec([things], self.claim(claim), self._said)

    def _none_does(self, noun: str, verb: str) -> Spec:
        things = self.noun(noun)
        return domains.spec([things], parts.denied(self.verb(things.subject, verb)), self._said)

    def _unsolvable(self, equation: str, noun: str) -> Spec:
        letters = sorted(_letters(equation))
        things = self.noun(f"{noun}{','.join(letters)}")
        return domains.spec([things], parts.denied(self.formula(equation)), self._said)

    def _none_having(self, condition: str, noun: str) -> Spec:
        return self._none_with(noun, condition)

    def _if(self, condition: str, claim: str) -> Spec:
        """`整数 n 大于1且 n 整除 2^n-2`, `p 是素数`: who it is about comes first."""
        called = re.fullmatch(rf"({words.VARS})\s*(?:是|为)\s*({words.NOUNS})", condition.strip())
        said = re.fullmatch(rf"({words.VARS})\s*(?:是|为)\s*(.+)", condition.strip())
        if said and not called:
            try:
                things = self.noun(f"{said[2]} {said[1]}")
                return domains.spec([things], self.claim(claim), self._said)
            except NotUnderstood:
                self._names = parts.Names()
        pieces = re.split(r"\s*(?:且|并且|,)\s*", condition.strip())
        if called:
            pieces = [f"{called[2]} {called[1]}"]
        match = re.fullmatch(rf"({words.NOUNS})?\s*({words.VARS})\s*(.*)", pieces[0])
        if match is None or (match[1] is None and match[3]):
            return self._about_letters(condition, pieces, claim)
        names = self._named(match[2])
        things = self._kind(match[1], names) if match[1] else self._names.assumed(names)
        if match[3]:
            pieces[0] = f"{things.names[0]} {match[3]}"
        else:
            del pieces[0]
        things.guards += [self.claim(piece) for piece in pieces]
        return domains.spec([things], self.claim(claim), self._said)

    def _about_letters(self, condition: str, pieces: list[str], claim: str) -> Spec:
        """`若 p 与 p+2 都是素数`: letters that nobody introduced."""
        things = self._names.assumed(sorted(_letters(condition)), condition)
        try:
            things.guards += [self.claim(piece) for piece in pieces]
        except NotUnderstood:
            things.guards = [self.claim(condition)]
        return domains.spec([things], self.claim(claim), self._said)


def _letters(text: str) -> set[str]:
    """The letters that stand alone, as variables do; two together are a product."""
    words = re.findall(r"(?<![A-Za-z\\])[a-z]{1,2}(?![A-Za-z])", text)
    return {letter for word in words for letter in word}
