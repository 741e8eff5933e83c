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
    r"(?:(?:final\s+|correct\s+)?answer\s*(?:is|are|:|：|=)(?:\s*:)?"
    r"(?:\s+(?:therefore|thus|then|simply|just|hence|clearly|exactly|now|given by|equal to)\b)?"
    r"|(?:最终|最后的?|正确)?(?:答案|结果)\s*(?:是|为|:|：|等于)(?:\s*[:：])?"
    r"|(?:^|[。，,\n])[ \t]*答[ \t]*[:：])"
    r"[ \t*_]*\n?[ \t]*([^\n]*)",
    re.IGNORECASE,
)
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
    """The last box whose braces close; of nested boxes the inner one."""
    closes = _closing_braces(text)
    for match in reversed(list(_BOX.finditer(text, start))):
        content, end = _content(text, match.end(), closes)
        if content:
            return Found(content, "boxed", match.start(), end)
    return None


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
    for match in _MARK.finditer(text, start):
        found = Found(match[1], "marked", match.start(), match.end())
    return found


def _announced(text: str, start: int) -> Found | None:
    found = None
    for match in _ANNOUNCED.finditer(text, start):
        phrase = _phrase(match[1])
        if phrase:
            at = match.start(1) + match[1].find(phrase)
            found = Found(phrase, "announced", at, at + len(phrase))
    return found


def _phrase(rest: str) -> str:
    """The answer at the head of a sentence: up to the stop that ends it."""
    rest = rest.strip().strip("*_").strip()
    if rest.startswith("}"):  # \\text{Answer: } 7
        rest = rest[1:].strip(" $")
    math = re.match(r"\$\$?(.+?)\$\$?|\\\((.+?)\\\)|\\\[(.+?)\\\]", rest)
    if math:
        return (math[1] or math[2] or math[3]).strip()
    end = _SENTENCE_END.search(rest)
    return (rest[: end.start()] if end else rest).strip().strip("*_").strip(" ,;:")


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
    if "=" in line:
        return line.rsplit("=", 1)[1].strip(" .。$*")
    numbers = _NUMBER.findall(line)
    return numbers[-1] if numbers else _word_answer(line.strip(" .。!*"))


def _word_answer(line: str) -> str:
    """The line if its words have a fixed meaning as an answer."""
    counted = words.number(re.findall(r"[A-Za-z]+|-", line))
    whole = counted is not None and counted[1] == len(re.findall(r"[A-Za-z]+|-", line))
    return line if whole or words.known(line) or line in _CHINESE_WORDS else ""
