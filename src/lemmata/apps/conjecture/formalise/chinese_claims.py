"""Chinese claims: truths, predicates, verbs and values, over formulas."""

from __future__ import annotations

import re
from collections.abc import Callable

from lemmata.apps.conjecture.formalise import chinese_words as words
from lemmata.apps.conjecture.formalise import residues, sums
from lemmata.apps.conjecture.formalise.chinese_exists import Exists
from lemmata.apps.conjecture.formalise.numbers import number
from lemmata.apps.conjecture.formalise.parts import (
    Ambiguous,
    NotUnderstood,
    denied,
    formula,
    truth,
    value,
)
from lemmata.apps.conjecture.language.syntax import (
    Call,
    Compare,
    Connect,
    Node,
    Operate,
    Relation,
    conjunction,
)


class Claims(Exists):
    """Reads claims over the names of one statement. Raises NotUnderstood."""

    def claim(self, text: str) -> Node:
        """A truth: words or a formula."""
        text = text.strip().rstrip(".").strip()
        unclear: Ambiguous | None = None
        for pattern, read in self._claims():
            match = re.fullmatch(pattern, text, re.S)
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
            (r"(?:若|如果)(.+?),?(?:则|那么)(.+)",
             lambda a, b: Connect("->", self.claim(a), self.claim(b))),
            (r"(.+)当且仅当(.+)", lambda a, b: Connect("<->", self.claim(a), self.claim(b))),
            *self._existential(),
            (r"(.+?)\s*[与和]\s*(.+?)\s*互[素质]",
             lambda a, b: Call("coprime", (self.value(a), self.value(b)))),
            (r"(.+?)\s*与\s*(.+?)\s*(?:关于)?模\s*(.+?)\s*同余", lambda a, r, m:
             residues.congruent(self.value(a), [self.value(r)], self.value(m))),
            (r"(.+?)\s*和\s*(.+?)\s*(?:关于)?模\s*(.+?)\s*同余", lambda a, r, m:
             residues.congruent(self.value(a), [self.value(r)], self.value(m))),
            (r"(.+?)的(?:个位数字?|末[位尾]数字?)(?:总|只能|一定|必)?(?:是|为)([\d、,或和 ]+)",
             lambda a, digits: residues.ending(self.value(a), re.findall(r"\d+", digits))),
            (r"(.+?)(?:除以|被|模)\s*(.+?)\s*除?(?:所得|的|得)*"
             r"余(?:数(?:总|都)?(?:是|为|等于)?)?\s*(.+)",
             self._leaves),
            (r"(.+?[、,与和].+?)(?:都|均|皆|同时)(?:是|为)(.+)", self._all_are),
            (r"(.+?[、,与和].+?)(?:都|均|皆)不(?:是|为)(.+)", self._none_are),
            (r"(.+)或者?(.+)", lambda a, b: Connect("or", self.claim(a), self.claim(b))),
            (r"([^是]+?)或者?([^是]+?)(?:总|必)?(?:是|为)(.+)", self._one_is),
            (r"(.+)(?:并且|且)(.+)", lambda a, b: Connect("and", self.claim(a), self.claim(b))),
            (r"(.+?)(?:的值)?\s*(?:总|都|恒|永远|一定)?不(?:可能)?是\s*(.+)",
             lambda a, b: denied(self.predicate(self.value(a), b))),
            (r"(.+?)(?:的值)?\s*(?:总|都|恒|永远|一定)?(?:是|为)\s*(.+)",
             lambda a, b: self.predicate(self.value(a), b)),
            (rf"(.+?)\s*(?:总|都|均|恒|必|一定)?((?:{words.RELATION}|不?整除|不?能?被|不?含|与|经|没?有|无|恰|至[少多]有).+)",
             lambda a, b: self.verb(self.value(a), b)),
            (r"([^<>=≤≥≠]+?)\s*(<=|>=|!=|<|>|=|≤|≥|≠)\s*([^<>=≤≥≠]+)", self._relate),
        ]  # fmt: skip

    def _leaves(self, divided: str, divisor: str, left: str) -> Node:
        """`n 除以 6 余 1 或 5`."""
        by = self.value(divisor)
        options = re.split(r"\s*(?:或者?|、)\s*", left)
        return residues.disjunction(
            [residues.remainder(self.value(divided), self.value(one), by) for one in options]
        )

    def _relate(self, left: str, op: str, right: str) -> Node:
        if "mod" in right and "mod" not in left:
            return self.formula(f"{left} {op} {right}")  # which knows a congruence from a remainder
        relation: Relation = {"≤": "<=", "≥": ">=", "≠": "!="}.get(op, op)  # type: ignore[assignment]
        return Compare(relation, self.value(left), self.value(right))

    def _all_are(self, subjects: str, predicate: str) -> Node:
        """`p 与 p+2 都是素数`."""
        each = [self.value(one) for one in re.split(r"\s*[、,与和]\s*", subjects)]
        found = conjunction(tuple(self.predicate(one, predicate) for one in each))
        assert found is not None
        return found

    def _none_are(self, subjects: str, predicate: str) -> Node:
        """`m 与 n 都不是偶数`."""
        each = [self.value(one) for one in re.split(r"\s*[、,与和]\s*", subjects)]
        found = conjunction(tuple(denied(self.predicate(one, predicate)) for one in each))
        assert found is not None
        return found

    def _one_is(self, one: str, other: str, predicate: str) -> Node:
        """`n 或 n+1 是偶数`."""
        parts = [self.predicate(self.value(each), predicate) for each in (one, other)]
        return residues.disjunction(parts)

    def predicate(self, subject: Node, text: str) -> Node:
        """What stands after 是."""
        text = re.sub(r"^(?:一个|一)", "", text.strip())
        if text in words.TRUTHS:
            return Call(words.TRUTHS[text], (subject,))
        found = self._sum(subject, text)
        if found is not None:
            return found
        match = re.fullmatch(r"(.+)的(倍数|约数|因数|因子)", text)
        if match:
            pair = (self.value(match[1]), subject)
            return Call("divides", pair if match[2] == "倍数" else pair[::-1])
        if text == "整数":
            return Compare("=", subject, Call("floor", (subject,)))
        if "mod" in text:
            raise NotUnderstood(f"{text[:40]!r} is not understood")
        for joint, word in (("or", "或者?"), ("and", "并?且")):
            for cut in re.finditer(word, text):
                halves = text[: cut.start()], text[cut.end() :]
                if not any(re.fullmatch(r"[-\s\d、A-Za-z]+", half) for half in halves):
                    return self._joined(subject, joint, halves)
        options = [self.value(one) for one in re.split(r"[、或]", text)]
        return residues.disjunction([Compare("=", subject, one) for one in options])

    def _joined(self, subject: Node, joint: str, halves: tuple[str, str]) -> Node:
        """`素数或合数`."""
        one, two = (self.predicate(subject, half) for half in halves)
        return Connect("or" if joint == "or" else "and", one, two)

    def _sum(self, subject: Node, text: str) -> Node | None:
        """`两个素数之和`, `四个平方数的和`, `一个素数与一个平方数的两倍之和`."""
        match = re.fullmatch(r"两个(奇素数|奇质数|合数)(?:之|的)和", text)
        if match:
            kinds = ("composite",) if match[1] == "合数" else ("odd", "prime")
            return sums.sum_of_two_alike(subject, kinds, self._names)
        match = re.fullmatch(r"(至多)?([两二三四五\d])个(.+?)(?:之|的)和", text)
        if (
            match
            and match[1]
            and words.TRUTHS.get(match[3]) not in {"square", "cube", "triangular"}
        ):
            return None  # of these 0 is one, so that `at most` says nothing more
        if match:
            return self._sum_of_many(subject, int(words.count(match[2])), match[3])
        match = re.fullmatch(r"[素质]数[与和加](?:一个)?(.+?)(?:之|的)和", text)
        if match is None:
            return None
        if re.fullmatch(r"(?:完全)?平方数的(?:两|二|2)倍", match[1]):
            return sums.prime_and_twice_square(subject, self._names)
        if words.TRUTHS.get(match[1]) == "power_of_two":
            return sums.prime_and_power_of_two(subject, self._names)
        if words.TRUTHS.get(match[1]) == "square":
            return sums.sum_of_two(subject, "prime", "square", self._names)
        return None

    def _sum_of_many(self, subject: Node, many: int, kind: str) -> Node | None:
        function = words.TRUTHS.get(kind)
        if function == "prime" and many == 2:
            return sums.sum_of_two(subject, "prime", "prime", self._names)
        if function == "prime" and many == 3:
            return sums.sum_of_three_primes(subject, self._names)
        if function in {"square", "cube"}:
            power = 2 if function == "square" else 3
            return sums.sum_of_powers(subject, many, power, self._names)
        if function == "triangular":
            return sums.sum_of_triangular(subject, many, self._names)
        return None

    def verb(self, subject: Node, text: str) -> Node:
        """What the subject does: `整除 n`, `能被 3 整除`, `与 n 互素`, `经考拉兹映射到达1`."""
        text = text.strip()
        for pattern, read in self._verbs(subject):
            match = re.fullmatch(pattern, text)
            if match:
                try:
                    return read(*match.groups())
                except NotUnderstood:
                    continue
        raise NotUnderstood(f"{text[:40]!r} is not understood")

    def _verbs(self, subject: Node) -> list[tuple[str, Callable[..., Node]]]:
        triangle = denied(Call("triangle_free", (subject,)))
        return [
            (r"不(?:是|为)(.+)", lambda p: denied(self.predicate(subject, p))),
            (r"(?:是|为)(.+)", lambda p: self.predicate(subject, p)),
            (r"不整除\s*(.+)", lambda m: denied(Call("divides", (subject, self.value(m))))),
            (r"整除\s*(.+)", lambda m: Call("divides", (subject, self.value(m)))),
            (r"不能被\s*(.+?)\s*整除", lambda d: denied(Call("divides", (self.value(d), subject)))),
            (r"能?被\s*(.+?)\s*整除", lambda d: Call("divides", (self.value(d), subject))),
            (r"与\s*(.+?)\s*互[素质]", lambda m: Call("coprime", (subject, self.value(m)))),
            (rf"({words.RELATION})\s*(.+)",
             lambda op, end: Compare(words.relation(op), subject, self.value(end))),
            (r"经(?:过)?考拉兹(?:映射|迭代)?(?:都|总)?到达1", lambda: Call("collatz", (subject,))),
            *self._counts(subject),
            *self._factors(subject),
            (r"有(偶数|奇数)[个条](.+)", lambda parity, what: Call(
                "even" if parity == "偶数" else "odd", (self._counted(what, subject),))),
            (r"不(?:含有?|包含)三角形", lambda: Call("triangle_free", (subject,))),
            (r"(?:含有?|包含)(?:一个)?三角形", lambda: triangle),
            (r"(?:含有?|包含)(?:一个)?三角形或三个两两不相邻的顶点", lambda: Connect(
                "or", Compare(">=", Call("clique", (subject,)), number(3)),
                Compare(">=", Call("independence", (subject,)), number(3)))),
        ]  # fmt: skip

    def _counts(self, subject: Node) -> list[tuple[str, Callable[..., Node]]]:
        """`至少有5条边`, `有不少于两个素因子`, `没有三角形`."""
        unit = r"\s*(?:个|条)\s*(.+)"

        def count(op: str | None, many: str, what: str) -> Node:
            relation = words.relation(op) if op else "="
            return Compare(relation, self._counted(what, subject), self.value(many))

        return [
            (rf"({words.RELATION})有\s*(.+?){unit}", count),
            (rf"恰?好?有\s*({words.RELATION})?\s*(.+?){unit}", count),
            (r"(?:没有|无|不含有?)(.+)", lambda what: Compare(
                "=", self._counted(what, subject), number(0))),
        ]  # fmt: skip

    def _counted(self, what: str, subject: Node) -> Node:
        if what not in words.COUNTED:
            raise NotUnderstood(f"{what!r} cannot be counted here")
        return Call(words.COUNTED[what], (subject,))

    def value(self, text: str) -> Node:
        """A value: words or a formula."""
        text = text.strip()
        if text in words.DIGITS:
            return number(words.DIGITS[text])
        if self._names.topic is not None and re.match("其|它的|它|自身|本身", text):
            text = re.sub("^(?:它的|其)", f"{self._names.topic}的", text)
            text = self._names.topic if re.fullmatch("它|它?[自本]身", text) else text
        for pattern, make in words.VALUES:
            match = re.fullmatch(pattern, text)
            if match:
                try:
                    return make(*[self.value(group) for group in match.groups()])
                except NotUnderstood:
                    continue
        for joint, op in (("加上?", "+"), ("减去?", "-"), ("乘以", "*")):
            cut = re.fullmatch(rf"(.+?){joint}(.+)", text)
            if cut:
                return Operate(op, self.value(cut[1]), self.value(cut[2]))  # type: ignore[arg-type]
        return value(re.sub(words.LABELS, "", text), self._names)

    def formula(self, text: str) -> Node:
        return formula(text, self._names)
