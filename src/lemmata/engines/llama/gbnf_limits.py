"""Whether libllama can take a grammar at all, told before it tries.

Its parser calls itself for each parenthesis, its search for left recursion looks at a rule once for
each way to it, and its rules and stacks grow without bound: a few hundred characters end the
process, or keep it busy for ever. So a grammar is read here first, and its growth counted without
carrying it out. What makes no sense here makes none to libllama either.

The language: https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lemmata.engines.llama.gbnf_corners import check_corners
from lemmata.errors import BadInput

DEEPEST = 100
"""Parentheses within each other."""
MOST_ELEMENTS = 400_000
"""Characters and references, with all repetitions written out."""
_ENDLESS = -1
_TOKEN = re.compile(
    r"""(?P<skip>(?:[ \t\r\n]|\#[^\r\n]*)+)
    |(?P<rule>[A-Za-z0-9-]+)[ \t]*::=
    |(?P<name>[A-Za-z0-9-]+)
    |"(?P<text>(?:[^"\\]|\\.)*)"
    |\[\^?(?P<chars>(?:[^\]\\]|\\.)*)\]
    |(?P<one>\.|!?<[^>]*>)
    |(?P<sign>[()|])
    |(?P<times>[*+?]|\{[ \t]*[0-9]+[ \t]*(?:,[ \t]*[0-9]*[ \t]*)?\})""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Item:
    """Part of an alternative, `times` over: a reference to `rule`, or, where that is None, so many
    characters."""

    rule: str | None
    times: int = 1


@dataclass(slots=True)
class Rule:
    """Its alternatives; `copies`: libllama makes so many rules of it, each leading to the next."""

    ways: list[list[Item]] = field(default_factory=lambda: [[]])
    copies: int = 1

    @property
    def size(self) -> int:
        """Elements of one copy."""
        return sum(1 + sum(item.times for item in way) for way in self.ways)


def check(text: str) -> None:
    """Raises BadInput, saying what is too much."""
    rules = _Reader(text).rules
    if sum(rule.copies * rule.size for rule in rules.values()) > MOST_ELEMENTS:
        raise _too_large()
    check_corners(rules)


class _Reader:
    """`rules` by name; groups and repetitions get names that no grammar can hold. Repetitions of
    repetitions may be counted too low by what libllama allows of them, 2,000."""

    def __init__(self, text: str) -> None:
        self.rules: dict[str, Rule] = {}
        self._open: list[Rule] = []
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise _useless(f"it makes no sense at {text[at : at + 40]!r}")
            self._take(found)
            at = found.end()
        self._closed()
        if not self.rules:
            raise _useless("it has no rule")

    def _take(self, found: re.Match[str]) -> None:
        kind = str(found.lastgroup)
        said = found[kind]
        if kind == "rule":
            self._closed()
            self._open = [self.rules.setdefault(said, Rule())]
        elif kind != "skip" and not self._open:
            raise _useless(f"it has no rule at {found[0][:40]!r}")
        elif kind == "sign":
            self._sign(said)
        elif kind == "times":
            self._repeat(*_counts(said))
        elif kind != "skip":
            self._letters(kind, said)

    def _letters(self, kind: str, said: str) -> None:
        """A reference or characters; "" and [] are nothing."""
        if kind == "name":
            self._open[-1].ways[-1].append(Item(said))
        elif said:
            self._open[-1].ways[-1].append(Item(None, 1 if kind == "one" else len(said)))

    def _closed(self) -> None:
        if len(self._open) > 1:
            raise _useless("a parenthesis stays open")

    def _sign(self, sign: str) -> None:
        if sign == "|":
            self._open[-1].ways.append([])
        elif sign == "(":
            if len(self._open) > DEEPEST:
                raise BadInput(
                    f"the grammar has more than {DEEPEST} parentheses within each other",
                    "Give the inner ones names.",
                )
            self._open.append(Rule())
        else:
            inner = self._open.pop()
            if not self._open:
                raise _useless("a parenthesis was never opened")
            self._open[-1].ways[-1].append(Item(self._named(inner)))

    def _named(self, rule: Rule) -> str:
        name = f"({len(self.rules)})"
        self.rules[name] = rule
        return name

    def _repeat(self, least: int, most: int) -> None:
        """The last item so many times, then as many more as may be, each behind the one before."""
        way = self._open[-1].ways[-1]
        if not way:
            return  # libllama says what is wrong with that
        item = way.pop()
        if least > most != _ENDLESS:
            raise _useless(f"{{{least},{most}}} is never")
        more = 1 if most == _ENDLESS else most - least
        if (least + more) * item.times > MOST_ELEMENTS:
            raise _too_large()
        if least:
            way.append(Item(item.rule, item.times * least))
        if more:
            name = self._named(Rule([[item], []], more))
            if most == _ENDLESS:
                self.rules[name].ways[0].append(Item(name))
            way.append(Item(name))


def _counts(sign: str) -> tuple[int, int]:
    if sign in "*+?":
        return {"*": (0, _ENDLESS), "+": (1, _ENDLESS), "?": (0, 1)}[sign]
    least, comma, most = sign.strip("{}").partition(",")
    low = min(int(least.strip()[:9]), MOST_ELEMENTS)
    high = min(int(most.strip()[:9]), MOST_ELEMENTS) if most.strip() else _ENDLESS
    return (low, high) if comma else (low, low)


def _useless(why: str) -> BadInput:
    return BadInput(f"the grammar cannot be used: {why}")


def _too_large() -> BadInput:
    return BadInput("the grammar grows too large", "Ask for fewer or shorter repetitions.")
