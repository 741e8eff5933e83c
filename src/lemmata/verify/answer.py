"""Where in a text the final answer stands.

In order of trust: the last well-formed `\\boxed{}` or `\\fbox{}`, GSM8K's `#### 66`, a sentence
that announces it ("the answer is", 答案：, 所以答案是), and last the value that ends the last line
that has one: a formula, a number, or a word that is an answer ("yes", "no solution", "twelve"). Any
other words are no answer. Linear in the length of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from lemmata.verify import words

Where = Literal["boxed", "marked", "announced", "last line", "whole"]


@dataclass(frozen=True, slots=True)
class Found:
    """An answer and the half-open span [start, end) of characters it was taken from."""

    text: str
    where: Where
    start: int
    end: int


_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_BARE = re.compile(r"\\[A-Za-z]+|[A-Za-z]|\d+(?:\.\d+)?")
_BOX = re.compile(r"\\(?:boxed|fbox|framebox)(?![A-Za-z])\s*(?=[{\d\\A-Za-z])")
_MARK = re.compile(r"^[ \t]*####[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_ANNOUNCED = re.compile(
    r"(?:(?:final\s+|correct\s+)?(?:answer|option|choice)s?[\"']?\s*(?:(?:is|are)(?!n't|\s+not\b)|:|：|=)(?:\s*:)?"
    r"(?:\s+(?:therefore|thus|then|simply|just|hence|clearly|exactly|now|given by|equal to)\b)?"
    r"|(?:最终|最后的?|正确)?(?:答案|结果)\s*(?:应?[是为选]|:|：|等于)(?:\s*[:：])?|【答案】"
    r"|(?:正确|应|故|所以|因此|[，,。])的?选(?:择|项)?\s*[是为]?\s*[:：]?(?=\s*[$(（]?\s*[A-H](?![A-Za-z]{2}))"
    r"|(?:^|[。，,\n])[ \t]*答[ \t]*[:：])"
    r"[ \t*_]*\n?[ \t]*(?=([^\n]{0,2000}))",
    re.IGNORECASE,
)
_TAGGED = re.compile(
    r"<answer>([^<]{1,2000})</answer>|\[ANSWER\]([^\[]{1,2000})\[/ANSWER\]", re.IGNORECASE
)
_DISPLAY = re.compile(r"\$\$(.{1,2000}?)\$\$|\\\[(.{1,2000}?)\\\]", re.DOTALL)
_PARTS = re.compile(r"[（(][1-9][)）]")
_REASON = re.compile(r",?\s+(?:because|since|which|where as|as (?:the|we|it))\b|[，,]?因为")
_JOINED = re.compile(r"[\s$]*(?:(?:,|，|、|;|and|or|和|或|\\text\{ ?(?:and|or) ?\})[\s$]*){1,2}")
_THINK_END = re.compile(r"</think\s*>", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[^\d])\.(?=\s|$)|(?<=\d)\.(?=\s|$)|[。！？；]|(?<=\s)\(")


def extract(text: str) -> Found | None:
    """The final answer of a derivation, or None where the text has nothing to offer.

    What follows the last `</think>` is preferred to the thinking itself.
    """
    after = 0
    for match in _THINK_END.finditer(text):
        after = match.end()
    return _search(text, after) or (_search(text, 0) if after else None)


def _search(text: str, start: int) -> Found | None:
    return (
        boxed(text, start) or _marked(text, start) or _announced(text, start) or _last(text, start)
    )


def boxed(text: str, start: int = 0) -> Found | None:
    """The last box whose braces close; of nested boxes the inner one. Boxes with nothing but a
    comma or "and" between them are one answer."""
    closes, found = _closing_braces(text), None
    for match in reversed(list(_BOX.finditer(text, start))):
        content, end = _content(text, match.end(), closes)
        if found is None and content:
            found = Found(content, "boxed", match.start(), end)
        elif found is not None:
            if (
                not content
                or len(found.text) > 1000
                or not _JOINED.fullmatch(text, end, found.start)
            ):
                break
            found = Found(f"{content}, {found.text}", "boxed", match.start(), found.end)
    return found


def _content(text: str, at: int, closes: dict[int, int]) -> tuple[str, int]:
    """What a box that opens at `at` holds, and where it ends; "" where it never closes."""
    if text[at : at + 1] == "{":
        end = closes.get(at, -1)
        return (text[at + 1 : end].strip(), end + 1) if end > 0 else ("", at)
    bare = _BARE.match(text, at)
    return (bare[0], bare.end()) if bare else ("", at)


def _closing_braces(text: str) -> dict[int, int]:
    """Position of each closed `{` with that of its `}`; escaped braces do not count."""
    closes, open_at = {}, []
    for match in _BRACE.finditer(text):
        if match[0] == "{":
            open_at.append(match.start())
        elif match[0] == "}" and open_at:
            closes[open_at.pop()] = match.start()
    return closes


def _marked(text: str, start: int) -> Found | None:
    found = None
    for match in (*_TAGGED.finditer(text, start), *_MARK.finditer(text, start)):
        inner = next(group for group in match.groups() if group)
        found = Found(inner.strip(), "marked", match.start(), match.end())
    return found


def _announced(text: str, start: int) -> Found | None:
    for match in reversed(list(_ANNOUNCED.finditer(text, start))):
        at = match.start(1)
        display = _DISPLAY.match(text, at)
        phrase = (display[1] or display[2]).strip() if display else _phrase(match[1])
        if phrase and not phrase.lower().startswith("not "):
            at += max(0, text[at : at + 2000].find(phrase))
            return Found(phrase, "announced", at, at + len(phrase))
    return None


def _phrase(rest: str) -> str:
    """The answer at the head of a sentence: up to the stop that ends it."""
    rest = rest.strip().strip("*_").strip()
    if rest.startswith("}"):  # \\text{Answer: } 7
        rest = rest[1:].strip(" $")
    math = re.match(r"\$\$?(.+?)\$\$?|\\\((.+?)\\\)|\\\[(.+?)\\\]", rest)
    if math:
        return (math[1] or math[2] or math[3]).strip()
    if _PARTS.match(rest) and len(parts := _PARTS.split(rest)) > 2:
        return ", ".join(part.strip(" ；;。.,，") for part in parts[1:])
    end = _SENTENCE_END.search(rest)
    rest = _REASON.split(rest[: end.start()] if end else rest, maxsplit=1)[0]
    rest = rest.strip().strip("*_").strip(" ,;:`\"'}")
    return _told(rest) or rest


def _told(phrase: str) -> str:
    """The one number of an answer in a Chinese sentence: 一共有25个苹果."""
    numbers = _NUMBER.findall(phrase) if re.match("[\u4e00-\u9fff]{2}", phrase) else []
    return str(numbers[0]) if len(numbers) == 1 and not _FORMULA.search(phrase) else ""


def _last(text: str, start: int) -> Found | None:
    """The right-hand side, the only formula or the only number of the last line that has one."""
    line_end = len(text)
    for line in reversed(text[start:].split("\n")):
        line_start = line_end - len(line)
        value = _value(line.strip())
        if value:
            at = line_start + line.find(value)
            return Found(value, "last line", at, at + len(value))
        line_end = line_start - 1
    return None


_COMMAND = re.compile(r"\\(?:text|mathrm|textbf|mathbf|operatorname)\s*\{[^{}]*\}|\\[A-Za-z]+")
_TWO_WORDS = re.compile(r"[A-Za-z]{2,}[,;:]?[ \t]+[A-Za-z]{2,}|[\u4e00-\u9fff]{2,}")
_WORD = re.compile(r"[A-Za-z]{2,}|[\u4e00-\u9fff]")
_NUMBER = re.compile(r"[-+]?\$?\d[\d,]*(?:\.\d+)?(?:/\d+)?%?")
_FORMULA = re.compile(r"[\\=<>^{}π√]|[A-Za-z]|分之|根号|无解|不存在")
_SEVERAL = re.compile(
    r"(?<![A-Za-z])[A-Za-z]\s*=\s*[^=,;，；\s]+(?:\s*(?:[,;，；]|and|和)\s*[A-Za-z]\s*=\s*[^=,;，；\s]+)+$"
)
"""x = 5 and y = 6"""
_COMPOUND = re.compile(
    r"\d+(?:\.\d+)?\s*(?:hours?|hrs?|days?|weeks?|feet|foot|pounds|小时|分钟?|天|元)"
    r"(?:\s+and\s+|,\s*|\s*)\d+(?:\.\d+)?\s*(?:hours?|minutes?|mins?|seconds?|inch(?:es)?|ounces|分钟?|秒钟?|小时|角)"
)
_SAID = re.compile(
    r"\bno (?:real |integer )?solutions?\b|\b(?:does|do) not exist\b|\binfinitely many\b"
    r"|无(?:实数)?解|不存在|无数[个组]?解?|无穷多[个组]?解?",
    re.IGNORECASE,
)
_OPENING = re.compile(r"(yes|no)\s*[,;.!]|([是否])\s*[，,；。]", re.IGNORECASE)
_CHINESE = "是 否 对 错 正确 错误 无解 不存在 奇数 偶数 质数 合数"
_CHINESE_WORDS = frozenset(_CHINESE.split())
_MATH_SPAN = re.compile(r"\$([^$\n]+)\$|\\\((.+?)\\\)")


def is_prose(text: str) -> bool:
    """Two words side by side, outside TeX commands."""
    return _TWO_WORDS.search(_COMMAND.sub(" ", text)) is not None


def _value(line: str) -> str:
    if not any(map(str.isalnum, line)):
        return ""
    spans = [(m[1] or m[2]).strip() for m in _MATH_SPAN.finditer(line)]
    if spans:
        return spans[-1]
    found = _WORD.findall(_COMMAND.sub(" ", line))
    if not found:
        return line.strip(" .。$*")
    several = _SEVERAL.search(line, max(0, len(line) - 400))
    if several:
        return several[0].strip(" .。$*")
    if "=" in line:
        return line.rsplit("=", 1)[1].strip(" .。$*")
    compound = _COMPOUND.findall(line[-400:])
    if compound:
        return str(compound[-1])
    numbers = _NUMBER.findall(line)
    return numbers[-1] if numbers else _word_answer(line.strip(" .。!*"))


def _word_answer(line: str) -> str:
    """The line if its words have a fixed meaning as an answer."""
    counted = words.number(re.findall(r"[A-Za-z]+|-", line))
    whole = counted is not None and counted[1] == len(re.findall(r"[A-Za-z]+|-", line))
    said = _SAID.search(line[:2000]) or _OPENING.match(line)
    if said and not whole:
        return str(next((group for group in said.groups() if group), said[0]))
    return line if whole or words.known(line) or line in _CHINESE_WORDS else ""
