"""Chinese statements about a value of things: `两个奇数之和`, `三个连续整数之积`, `素数的平方`."""

from __future__ import annotations

import re

from lemmata.apps.conjecture.formalise import chinese_words as words
from lemmata.apps.conjecture.formalise import compounds, domains, sums
from lemmata.apps.conjecture.formalise.chinese_nouns import Nouns
from lemmata.apps.conjecture.formalise.domains import Things
from lemmata.apps.conjecture.formalise.parts import Ambiguous, NotUnderstood
from lemmata.apps.conjecture.formalise.statement_forms import Form
from lemmata.apps.conjecture.language.spec import Spec
from lemmata.apps.conjecture.language.syntax import Compare, Name, Node

_COUNT = r"([两二三四五六2-6])"
_NEAR = r"(?:连续|相邻)的?"
_ANY = rf"(?:{words.EVERY}|任)?"
_ALWAYS = r"(?:总|都|均|一定|必定?|必然|恒)?"
_OPERATIONS = {"和": "sum", "积": "product", "乘积": "product", "差": "difference"}
_ONE_VALUED = (
    r"平方|立方|阶乘|补图|正?约数(?:的)?个数|(?:约数|因数)(?:之)?和|(?:各位)?数字(?:之)?和"
    r"|边数|顶点数|色数|团数|独立数|最大度|最小度|度数之?和|个位数字?|末位数字?|奇度顶点(?:的)?个数"
)


class Compounds(Nouns):
    """Reads such statements. Raises NotUnderstood."""

    _said: str

    def _compound_forms(self) -> list[Form]:
        combined = rf"(?:之间)?[之的](和|积|乘积|差){_ALWAYS}(.+)"
        neighbours = rf"{_ANY}(?:{_NEAR}两个|两个{_NEAR})(.+?)"
        return [
            (rf"{_ANY}{_COUNT}个{_NEAR}(.+?){combined}", self._of_row),
            (rf"{_ANY}{_NEAR}{_COUNT}个(.+?){combined}", self._of_row),
            (
                rf"{neighbours}之间{_ALWAYS}(?:存在|有)(?:一个|至少一个)?(.+)",
                self._between_neighbours,
            ),
            (rf"{neighbours}{_ALWAYS}互[素质]", self._neighbours_coprime),
            (rf"{_ANY}{_COUNT}个(.+?){combined}", self._of_several),
            (rf"{_ANY}两个(不同的?)?(.+?){_ALWAYS}互[素质]", self._two_coprime),
            (
                rf"(?:一个|{_ANY})(.+?)[与和](?:一个)?(.+?)[之的](和|积|乘积){_ALWAYS}(.+)",
                self._of_pair,
            ),
            (rf"(?:一个|{_ANY})(.+?)(加|乘)[上以]?(?:一个)?(.+?)((?:等于|是|为|得|能).+)",
             lambda one, op, other, does: self._of_pair(
                 one, other, "和" if op == "加" else "积", does)),
            (rf"(?:一个)?{_ANY}(.+)的({_ONE_VALUED})({_ALWAYS}.+)", self._of_each),
        ]  # fmt: skip

    def _of_row(self, count: str, noun: str, operation: str, does: str) -> Spec:
        """`三个连续整数之积能被6整除`."""
        things = self.noun(noun)
        terms = compounds.consecutive(things, int(words.count(count)))
        return self._made(things, compounds.combined(_OPERATIONS[operation], terms, True), does)

    def _of_several(self, count: str, noun: str, operation: str, does: str) -> Spec:
        """`两个奇数之和是偶数`."""
        many = int(words.count(count))
        prime = any(kind in noun for kind in ("素数", "质数"))
        things = self.noun(noun, compounds.letters(many, prime, "实数" in noun))
        if len(things.names) != many or things.value is not None or things.sort == "graph":
            raise NotUnderstood(f"{noun[:40]!r} are not {many} numbers")
        self._names.taken.update(things.names)
        terms: list[Node] = [Name(name) for name in things.names]
        return self._made(things, compounds.combined(_OPERATIONS[operation], terms, False), does)

    def _of_pair(self, one: str, other: str, operation: str, does: str) -> Spec:
        """`奇数与偶数之和是奇数`, `奇数加奇数等于偶数`."""
        first, second = self.noun(one), self.noun(other)
        if any(things.value is not None or len(things.names) != 1 for things in (first, second)):
            raise NotUnderstood(f"{one[:20]!r} and {other[:20]!r} are not two numbers")
        self._names.taken.update((*first.names, *second.names))
        terms: list[Node] = [Name(first.names[0]), Name(second.names[0])]
        letter = self._names.fresh("w")
        self._names.aliases[letter] = compounds.combined(_OPERATIONS[operation], terms, False)
        does = re.sub(r"^(?:等于|得)(?=[奇偶])", "是", does)
        return domains.spec([first, second], self.claim(f"{letter}{does}"), self._said)

    def _two_coprime(self, distinct: str | None, noun: str) -> Spec:
        """`任意两个不同的素数互素`."""
        prime = any(kind in noun for kind in ("素数", "质数"))
        things = self.noun(noun, compounds.letters(2, prime, False))
        if len(things.names) != 2 or things.value is not None:
            raise NotUnderstood(f"{noun[:40]!r} are not 2 numbers")
        one, two = (Name(name) for name in things.names)
        if not distinct:
            raise Ambiguous("it is not said whether the two may be equal", "说：两个不同的…")
        things.guards.append(Compare("!=", one, two))
        return domains.spec([things], compounds.coprime([one, two]), self._said)

    def _made(self, things: Things, subject: Node, does: str) -> Spec:
        """What is done by the subject, for which a letter stands in while the words are read."""
        letter = self._names.fresh("w")
        self._names.aliases[letter] = subject
        return domains.spec([things], self.claim(f"{letter}{does}"), self._said)

    def _neighbours_coprime(self, noun: str) -> Spec:
        things = self.noun(noun)
        row = compounds.consecutive(things, 2)
        return domains.spec([things], compounds.coprime(row), self._said)

    def _between_neighbours(self, noun: str, kind: str) -> Spec:
        """`相邻两个平方数之间必有素数`."""
        if kind not in words.TRUTHS:
            raise NotUnderstood(f"{kind!r} is no kind of number that is known")
        things = self.noun(noun)
        low, high = compounds.consecutive(things, 2)
        claim = sums.exists_between(words.TRUTHS[kind], low, high, self._names)
        return domains.spec([things], claim, self._said)

    def _of_each(self, noun: str, value: str, does: str) -> Spec:
        """`任意大于3的素数的平方除以24余1`."""
        things = self.noun(noun)
        if things.value is not None or len(things.names) != 1:
            raise NotUnderstood(f"{noun[:40]!r} is not one number")
        name = things.names[0]
        self._names.taken.add(name)
        self._names.topic = name
        subject = self.value(f"{name}的{value}")
        return self._made(things, subject, re.sub(f"^{_ALWAYS}", "", does))
