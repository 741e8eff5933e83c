"""Finds what a step claims: marks, formulas, plain chains ("16 - 3 = 13 eggs"), spoken claims."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from lemmata.verify import arithmetic, fragments, prose
from lemmata.verify.conversions import conversions
from lemmata.verify.expression import Node, call, num
from lemmata.verify.formulas import relation, sides
from lemmata.verify.segment import rows

Source = Literal["mark", "formula", "prose"]
_MARK = re.compile(
    r"<<([^<>=\n]+(?:=[^<>=\n]+)+)>>(\s*\$?-?(?:\d[\d,]*(?:\.\d+)?|\.\d+)%?(?!\d|[.,]\d|/\d))?"
    r"(\d[\d.,/]*)?"
)
_SPAN = re.compile(
    r"\$\$(.{1,2000}?)\$\$|\\\[(.{1,2000}?)\\\]|\\\((.{1,2000}?)\\\)"
    r"|(\\begin\{(?:align|aligned|equation|gather)\*?\}.{1,2000}?\\end\{[a-z]+\*?\})"
    r"|(?<!\\)\$([^$\n]{1,400}?)(?<!\\)\$(?!\d)",
    re.DOTALL,
)
_MONEY_ONLY = re.compile(r"\s*\d[\d,.]*\s+[A-Za-z].*", re.DOTALL)
RELATIONS = ("=", "<", ">", "<=", ">=", "!=", "\\equiv", "\\approx")


@dataclass(frozen=True, slots=True)
class Claim:
    """A relation or property to check. `units` are the unit words that stood among its numbers;
    `bare` tells that both sides are single numbers, which units may set apart."""

    node: Node
    text: str
    source: Source
    units: tuple[str, ...] = ()


_UNIT_POWER = re.compile(
    r"(?<=[\d)])(\s*(?:mm|cm|dm|km|in|ft|yd|mi|毫米|厘米|分米|米|千米))\s?(?:[²³]|\^[23])"
)
"""500cm³"""
_BULLET = re.compile(r"\s*[-–•*·]\s+(?=[\d(])")
_ARROW = re.compile(
    r"\\(?:Rightarrow|Longrightarrow|implies|iff|Leftrightarrow|therefore|quad|qquad)(?![A-Za-z])"
    r"|[⇒⟹⇔]|\\text\s*\{\s*(?:so|then|thus|hence|and|,)\s*\}"
)
"""Between claims of one formula."""
_SCRIPTS = re.compile("(?<=[\u4e00-\u9fff])(?=[A-Za-z])|(?<=[A-Za-z])(?=[\u4e00-\u9fff])")
"""Where a Chinese word meets a letter: 则f(2)=5."""
_GIANT = re.compile(r"\d{400,}")
"""Numerals that no one checks by eye; they would make every pattern below slow."""


def claims(text: str) -> list[Claim]:
    """All claims of a step, in the order of their kinds: marks, formulas, sentences."""
    bullet = _BULLET.match(text)
    if bullet is None:
        return _claims(text)
    listed = _claims(text[bullet.end() :])  # "- 5 + 5 = 10" begins with a dash or with a minus
    signed = _claims(text) if any(map(_plainly_false, listed)) else listed
    return listed if any(map(_plainly_false, signed)) else signed


def _plainly_false(claim: Claim) -> bool:
    node = claim.node
    if node.head != "rel" or len(node.args) != 2 or node.value != ("=",):
        return False
    values = [arithmetic.constant(side) for side in node.args]
    return None not in values and values[0] != values[1]


def _claims(text: str) -> list[Claim]:
    text = _GIANT.sub("…", text)
    found = _marks(text)
    text = _UNIT_POWER.sub(r"\1", _MARK.sub(_echo, text))
    formulas, rest = _formulas(text)
    rest = _SCRIPTS.sub(" ", rest.translate(_PLAIN))
    found += formulas + _properties(rest)
    found += [Claim(node, shown, "prose") for node, shown in conversions(rest)]
    return found + _chains(rest)


_PLAIN = str.maketrans(
    dict(zip("×÷−–（），：＝％·", "*/--(),:=%*", strict=True))
    | {"√": "sqrt ", "½": "(1/2)", "¼": "(1/4)", "¾": "(3/4)", "⅓": "(1/3)", "⅔": "(2/3)"}
    | {"²": "^2 ", "³": "^3 ", "⁴": "^4 ", "ⁿ": "^n "}
    | {"⌊": r"\lfloor ", "⌋": r"\rfloor ", "⌈": r"\lceil ", "⌉": r"\rceil "}
)


def _echo(mark: re.Match[str]) -> str:
    """What the sentence reads where the mark stood: the number behind it, or else its value."""
    return str(mark[2] or mark[3] or mark[1].rsplit("=", 1)[1])


def _marks(text: str) -> list[Claim]:
    """<<48/2=24>>24: the mark must hold, and the number behind it repeats its value."""
    out = []
    for match in _MARK.finditer(text):
        node = relation(match[1])
        if node is None or node.head != "rel":
            continue
        out.append(Claim(node, match[1], "mark"))
        echo = (
            relation(f"{match[1].rsplit('=', 1)[1]}={match[2].strip().lstrip('$')}")
            if match[2]
            else None
        )
        if echo is not None and echo.head == "rel":
            out.append(Claim(echo, f"{match[1]} against {match[2].strip()}", "mark"))
    return out


def _formulas(text: str) -> tuple[list[Claim], str]:
    """Claims inside $…$ and its like, and the text with the other formulas in plain signs."""
    out: list[Claim] = []

    def replace(match: re.Match[str]) -> str:
        inner = next(group for group in match.groups() if group)
        if match[5] and _MONEY_ONLY.fullmatch(inner) and "\\" not in inner:
            return match[0]  # "$5 for one and $7" is money, not mathematics
        inner = rows(inner)
        parts = _ARROW.split(inner)
        return "".join(map(one, parts))

    def one(inner: str) -> str:
        if not any(
            sign in inner
            for sign in ("=", "<", ">", "\\le", "\\ge", "\\equiv", "\\approx", "\\mid")
        ):
            return f" {fragments.plain(inner)} "
        node = relation(inner)
        if node is None:
            out.extend(Claim(part, inner, "formula") for part in sides(inner))
            return f" {fragments.plain(inner)} " if "\\mid" in inner else " ; "
        out.extend(Claim(part, inner, "formula") for part in _relations(node))
        return " ; "

    return out, _SPAN.sub(replace, text)


def _relations(node: Node) -> list[Node]:
    """The relations of a list; alternatives (or) stay together, for they bind nothing."""
    if node.head == "and":
        return [part for arg in node.args for part in _relations(arg)]
    return [node] if node.head in ("rel", "or", "approx") else []


def _properties(text: str) -> list[Claim]:
    out = []
    for pattern, positive, swapped in prose.DIVISIBILITY:
        for match in pattern.finditer(text):
            glued = text[: match.start()].rstrip()[-1:] in tuple("±+-*/^_=)")
            if glued or len(match[1]) > 300 or len(match[2]) > 300:
                continue
            a, b = num(int(match[1])), num(int(match[2]))
            left = call("mod", b, a) if swapped else call("mod", a, b)
            node = Node("rel", (left, num(0)), ("=" if positive else "!=",))
            out.append(Claim(node, match[0], "prose"))
    for pattern in (prose.PROPERTY, prose.CHINESE_PROPERTY):
        for match in pattern.finditer(text):
            if text[: match.start()].rstrip()[-1:] in tuple("±+-*/^_=)"):
                continue  # "3n ± 1 is even" says nothing of 1
            name = prose.PROPERTY_NAMES.get(match[3], match[3].lower())
            node = Node("property", (num(int(match[1])),), (name, not match[2]))
            out.append(Claim(node, match[0], "prose"))
    return out


def _chains(text: str) -> list[Claim]:
    out: list[Claim] = []
    for fragment in fragments.chains(prose.with_signs(text)):
        node = relation(fragment.text)
        if node is not None:
            out.extend(
                Claim(part, fragment.shown, "prose", fragment.units) for part in _relations(node)
            )
    return out
