"""Chinese noun phrases: what describes stands before the noun, the names after it."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from lemmata.apps.conjecture.formalise import chinese_words as words
from lemmata.apps.conjecture.formalise import residues
from lemmata.apps.conjecture.formalise.chinese_claims import Claims
from lemmata.apps.conjecture.formalise.domains import Things
from lemmata.apps.conjecture.formalise.numbers import number
from lemmata.apps.conjecture.formalise.parts import NotUnderstood, denied
from lemmata.apps.conjecture.language.syntax import (
    Call,
    Compare,
    Name,
    Node,
    Relation,
)


class Nouns(Claims):
    """Reads noun phrases into domains and guards. Raises NotUnderstood."""

    def noun(self, text: str, given: list[str] | None = None) -> Things:
        """`大于2的偶数`, `满足 a ≤ b 的正整数 a, b`, `整数 n ≥ 2`, `最小度不小于2的连通图`."""
        text = text.strip()
        for pattern, low, value, guard, wanted in words.FAMILIES:
            if re.fullmatch(pattern, text):
                name = self._names.fresh(wanted)
                things = Things([name], low=Fraction(low), value=value(Name(name)))
                if guard:
                    things.guards.append(Call(guard, (Name(name),)))
                return things
        match = re.fullmatch(
            rf"(.*?)(奇|偶)?({words.NOUNS})\s*({words.VARS})?\s*"
            r"((?:<=|>=|<|>|≤|≥|≠|\\leq?|\\geq?).+)?",
            text, re.S,
        )  # fmt: skip
        if match is None or re.search(rf"倍数\s*(?:{words.VARS})?$", text):
            return self._nounless(text)
        before, parity, noun, names, ranged = match.groups()
        things = self._kind(noun, self._named(names) if names else given)
        if parity:
            function = "odd" if parity == "奇" else "even"
            things.guards[:0] = [Call(function, (Name(name),)) for name in things.names]
        if ranged:
            things.guards += [self.formula(f"{name} {ranged}") for name in things.names]
        self._described(things, before.strip())
        return things

    def _nounless(self, text: str) -> Things:
        """`n ≥ 1`, `大于4的 n`: letters whose kind goes by custom; `6的倍数`."""
        match = re.fullmatch(rf"(.*?){words.ATOM}的正?倍数\s*({words.VARS})?", text)
        if match:
            things = self._kind("数", self._named(match[3]) if match[3] else None)
            divisor = self._counted_as(match[2])
            things.guards += [Call("divides", (divisor, Name(name))) for name in things.names]
            self._described(things, match[1])
            return things
        match = re.fullmatch(rf"(.*?)({words.VARS})\s*((?:<=|>=|<|>|≤|≥|\\leq?|\\geq?).+)?", text)
        if match is None:
            raise NotUnderstood(f"{text[:40]!r} is no kind of number or graph that is known")
        before, letters, ranged = match.groups()
        things = self._names.assumed(self._named(letters))
        if ranged:
            things.low = things.low if re.match(r"<|≤|\\l", ranged) else None
            things.guards += [self.formula(f"{name} {ranged}") for name in things.names]
        self._described(things, before.strip())
        return things

    def _counted_as(self, text: str) -> Node:
        return number(int(words.count(text))) if text in words.DIGITS else self.formula(text)

    def _named(self, text: str) -> list[str]:
        names = re.findall(r"[A-Za-z]", text)
        self._names.taken.update(names)
        return names

    def _kind(self, noun: str, given: list[str] | None) -> Things:
        graph = noun.endswith(("图", "树", "森林"))
        default = "G" if graph else "x" if noun.endswith("实数") else "n"
        things = Things(given or [self._names.fresh(default)])
        if graph:
            things.sort, things.low = "graph", Fraction(1)
        elif noun.endswith("实数"):
            things.sort = "real"
        elif noun not in {"整数", "非零整数"}:
            things.low, things.custom = Fraction(1), noun != "正整数"
        if noun in {"正实数", "非负实数", "非负整数", "负整数"}:
            op: Relation = {"正": ">", "负": "<"}.get(noun[0], ">=")  # type: ignore[assignment]
            things.low = Fraction(0) if op == ">=" else None
            things.guards += [Compare(op, Name(name), number(0)) for name in things.names]
        if noun in words.TRUTHS:
            things.guards += [Call(words.TRUTHS[noun], (Name(name),)) for name in things.names]
        return things

    def _described(self, things: Things, text: str) -> None:
        text = re.sub(r"^(?:[个棵条的])", "", text)
        while text:
            for pattern, read in self._describers(things):
                match = re.match(rf"(?:{pattern})(?:、|且|并且|,)?", text)
                if match:
                    read(*match.groups())
                    text = text[match.end() :].strip()
                    break
            else:
                raise NotUnderstood(f"{text[:40]!r} is not understood")

    def _describers(self, things: Things) -> list[tuple[str, Callable[..., object]]]:
        """What can stand before a noun."""
        if things.sort == "graph":
            return self._graph_describers(things)
        return [
            (rf"({words.RELATION}){words.ATOM}的", lambda op, end: self._limit(things, op, end)),
            (r"满足(.+?)的", lambda condition: things.guards.append(self.claim(condition))),
            (rf"{words.ATOM}到{words.ATOM}(?:之间)?的", lambda a, b: self._span(things, a, b)),
            (
                rf"(不)?能?被{words.ATOM}整除的",
                lambda no, d: self._each_name(
                    things,
                    lambda x: (denied if no else _same)(Call("divides", (self._counted_as(d), x))),
                ),
            ),
            (
                rf"(?:除以|被|模){words.ATOM}除?余{words.ATOM}的",
                lambda m, r: self._each_name(
                    things,
                    lambda x: residues.remainder(x, self._counted_as(r), self._counted_as(m)),
                ),
            ),
            (r"形如\s*(\d+)[a-z]([-+]\d+)\s*的", lambda a, b: self._formed(things, int(a), int(b))),
            (
                rf"(?:不等于|异于|不同于){words.ATOM}的|除了?{words.ATOM}(?:以外|之外|外)的?",
                lambda a, b: self._each_name(
                    things, lambda x: Compare("!=", x, self._counted_as(a or b))
                ),
            ),
            (r"非零的?", lambda: self._each_name(things, lambda x: Compare("!=", x, number(0)))),
            (r"正的?", lambda: self._each_name(things, lambda x: Compare(">", x, number(0)))),
            (r"(奇|偶)", lambda parity: self._truth(things, f"{parity}数")),
            (r"无平方因子的", lambda: self._truth(things, "无平方因子数")),
        ]

    def _graph_describers(self, things: Things) -> list[tuple[str, Callable[..., object]]]:
        relation = rf"({words.RELATION})?{words.ATOM}"
        return [
            (rf"(?:有|具有)?{relation}个顶点的", lambda op, end: _order(things, op, end)),
            (r"(?:有|具有)?\s*([a-z])\s*个顶点的", lambda name: self._called(things, name)),
            (rf"(?:有|具有|含有?|恰有)?{relation}条边的", lambda op, k: _sized(things, op, k)),
            (
                rf"(?:有|具有)?{words.ATOM}个顶点(?:和|、)?{words.ATOM}条边的",
                lambda n, m: _sized(_order(things, None, n), None, m),
            ),
            (rf"{words.ATOM}-?正则的?", lambda k: _regular(things, k)),
            (rf"{words.ATOM}-", lambda k: _regular_of(things, k)),
            (rf"最小度(?:为)?{relation}的", lambda op, k: _degree(things, "mindegree", op, k)),
            (rf"最大度(?:为)?{relation}的", lambda op, k: _degree(things, "maxdegree", op, k)),
            (r"边数不少于顶点数的", lambda: _as_many_edges(things)),
            (r"连通的?", lambda: self._truth(things, "连通图")),
            (r"无三角形的?", lambda: self._truth(things, "无三角形图")),
        ]

    def _truth(self, things: Things, noun: str) -> None:
        things.guards += [Call(words.TRUTHS[noun], (Name(name),)) for name in things.names]

    def _each_name(self, things: Things, guard: Callable[[Node], Node]) -> None:
        things.guards += [guard(Name(name)) for name in things.names]

    def _formed(self, things: Things, step: int, offset: int) -> None:
        """`形如 4k+3 的`: a residue, as long as it does not matter where k begins."""
        if abs(offset) >= step:
            raise NotUnderstood(f"it is not said where k begins in {step}k{offset:+}")
        self._each_name(things, lambda x: residues.congruent(x, [number(offset)], number(step)))

    def _called(self, things: Things, name: str) -> None:
        """The n of `n 个顶点的树`."""
        self._names.taken.add(name)
        self._names.aliases[name] = Call("order", (Name(things.names[0]),))

    def _limit(self, things: Things, op: str, end: str) -> None:
        bound = self._counted_as(end)
        relation = words.relation(op)
        things.guards += [Compare(relation, Name(name), bound) for name in things.names]

    def _span(self, things: Things, low: str, high: str) -> None:
        self._limit(things, "不小于", low)
        self._limit(things, "不大于", high)


def _order(things: Things, op: str | None, count: str) -> Things:
    relation = words.relation(op) if op else "="
    value = words.count(count)
    if relation in {"=", ">=", ">"}:
        things.low = value + (relation == ">")
    if relation in {"=", "<=", "<"}:
        things.high = value - (relation == "<")
    return things


def _regular(things: Things, degree: str) -> None:
    things.guards.append(Call("regular", (Name(things.names[0]),)))
    _degree(things, "maxdegree", None, degree)


def _same(node: Node) -> Node:
    return node


def _sized(things: Things, op: str | None, count: str) -> None:
    relation = words.relation(op) if op else "="
    size = Call("size", (Name(things.names[0]),))
    things.guards.append(Compare(relation, size, number(int(words.count(count)))))


def _regular_of(things: Things, degree: str) -> None:
    """The 3 of `3-正则图`, whose noun says the rest."""
    if Call("regular", (Name(things.names[0]),)) not in things.guards:
        raise NotUnderstood(f"{degree}- is not understood")
    _degree(things, "maxdegree", None, degree)


def _degree(things: Things, function: str, op: str | None, count: str) -> None:
    relation = words.relation(op) if op else "="
    value = number(int(words.count(count)))
    things.guards.append(Compare(relation, Call(function, (Name(things.names[0]),)), value))


def _as_many_edges(things: Things) -> None:
    graph = (Name(things.names[0]),)
    things.guards.append(Compare(">=", Call("size", graph), Call("order", graph)))
