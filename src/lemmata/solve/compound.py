"""Compound questions: split into sub-problems that are solved in order.

What is numbered, or asks several questions in so many sentences, is split without a model. Anything
else is one question, unless a plan by the model is asked for; its plan is shown before it is
followed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from lemmata.prompts.language import Language, detect

MOST_PARTS = 12
_CHINESE = "一二三四五六七八九十"
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_NUMBERS = {char: i for row in (_CHINESE, "①②③④⑤⑥⑦⑧⑨⑩", _ROMAN) for i, char in enumerate(row, 1)}
_FULL_ROMAN = "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹ"
_ROMANS = f"viii|vii|vi|iv|ix|iii|ii|i|v|x|[{_FULL_ROMAN}]"
_AFTER = r"[ \t]{0,8}[*_]{0,2}[ \t]{0,8}"
"""What may stand between a number and its question: spaces, the end of bold print."""
_LINE = r"(?:^|\n)[ \t]{0,8}[#>]{0,4}[ \t]{0,4}[*_]{0,2}"
_BEGIN = rf"(?:{_LINE}|(?<=[\s.;:?!。；：？！])[*_]{{0,2}})"
"""Where a number counts: a line's or a sentence's begin."""
_SENTENCE = rf"(?:{_LINE}|(?<=[.?!;:])[ \t]{{1,8}}[*_]{{0,2}}|(?<=[。？！；：]))"
_POINT = r"(?:[.)](?:[*_ \t]{1,8}|(?=[\u4e00-\u9fff]))|[、．][ \t]{0,8})(?=\S)"
"""What follows a number; between Chinese characters there are no spaces."""
_NUMBERED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_BEGIN}[(（](?P<n>\d{{1,2}}|(?-i:[a-h])|{_ROMANS}|[{_CHINESE}])[)）]{_AFTER}",
        rf"{_LINE}(?P<n>\d{{1,2}}|(?-i:[a-h])|{_ROMANS}|[{_CHINESE}]){_POINT}",
        rf"(?P<n>[①②③④⑤⑥⑦⑧⑨⑩]){_AFTER}",
        rf"{_SENTENCE}(?:Part|Question|Problem|Exercise|Task|Q)?[ \t]{{0,8}}"
        rf"(?P<n>[1-9]|(?<=[a-z] )[a-h])[:：]{_AFTER}",
        rf"{_SENTENCE}第(?P<n>[{_CHINESE}1-9])(?:小?问|小?题|个?问题|部分)[:：，,、.]?{_AFTER}",
        rf"{_SENTENCE}(?:问题?|小题|题目?)(?P<n>[{_CHINESE}1-9])[:：，,、.]?{_AFTER}",
        # all in one line, each after the end of a sentence
        rf"{_SENTENCE}(?P<n>\d{{1,2}}|(?-i:[a-h](?=\)))|{_ROMANS}|[{_CHINESE}](?=、)){_POINT}",
    )
)
_ASKS = re.compile(
    r"[?？]|\b(?:find|compute|calculate|determine|prove|show|evaluate|solve|count|how|what|which|"
    r"give|list|write|explain|simplify|factor|express|state|decide|verify|sketch|estimate)\b"
    r"|(?<![要需])求(?!和)|(?:^|[，,。；;：:请试并再\s])[解证算写画]|证明|计算|解(?:方程|不等式|释|出)|写出"
    r"|多[少大长高远久重]|几(?![何乎])|哪|谁|判断|说明|化简|因式分解|确定|什么|是否|能否|吗",
    re.IGNORECASE,
)
_STATEMENTS = re.compile(
    r"[?？]\s*$|说法|命题|结论|正确的是|哪[个些一]|选[出择]"
    r"|\b(?:statements?|which of|choose|select)\b",
    re.IGNORECASE,
)
"""What is numbered after this is chosen among, unless it asks in so many words."""
_TASK = re.compile(
    r"(?:\b(?:find|compute|calculate|evaluate|simplify|solve|factor|differentiate|integrate|"
    r"determine)\b|计算|化简|求|解|因式分解|口算)[^.?!。？！]{0,80}[:：]\s*$",
    re.IGNORECASE,
)
"""A task for all that is numbered behind it, which need not ask by itself."""
_ASIDE = re.compile(r"(?:这是|请问)?(?:为什么|怎么回事|对不?对|对吗|是吗|好吗)呢?[?？]")
_SENTENCE_END = re.compile(r"[?？!！。\n]|\.(?!\d)")
_PLAN_LINE = re.compile(
    r"^[ \t]{0,8}(?:\d{1,2}[.)、:]|[-*•])[ \t]{0,8}(?P<part>\S.{4,400})$", re.MULTILINE
)
_ASK_PLAN = {
    "en": "Split this problem into the sub-problems that must be solved one after another, at most "
    "five. Write one a line, numbered, and nothing else.\n\n{problem}",
    "zh": "把下面的问题拆成需要依次解决的子问题，最多五个。每行写一个并编号。\n\n{problem}",
}
_EARLIER = {"en": "Already found:", "zh": "已经求得："}


@dataclass(frozen=True, slots=True)
class Split:
    """What all parts share (may be empty), and the parts in order."""

    stem: str
    parts: tuple[str, ...]
    source: Literal["numbered", "questions", "model"]


def split(text: str) -> Split | None:
    """The parts of a compound problem; None where it is one question."""
    for pattern in _NUMBERED:
        found = _numbered(text, pattern)
        if found is not None:
            return found
    return _questions(text)


def _numbered(text: str, pattern: re.Pattern[str]) -> Split | None:
    """Parts numbered 1, 2, … or a, b, … without a gap, each of which asks something, or all of
    which are what a task before them is about."""
    marks = list(pattern.finditer(text))
    numbers = [_number(mark["n"]) for mark in marks]
    if not 2 <= len(marks) <= MOST_PARTS or numbers != list(range(1, len(marks) + 1)):
        return None
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    parts = [text[m.end() : end].strip(" \t\n;；") for m, end in zip(marks, ends, strict=True)]
    stem = text[: marks[0].start()].strip()
    if not all(len(part) > 2 for part in parts) or not _each_asks(stem, parts):
        return None
    return Split(stem, tuple(parts), "numbered")


def _each_asks(stem: str, parts: Sequence[str]) -> bool:
    if _STATEMENTS.search(stem):
        return all("?" in part or "？" in part for part in parts)
    return bool(_TASK.search(stem)) or all(_ASKS.search(part) for part in parts)


def _number(text: str) -> int:
    """The value of a number as written; letters count from a."""
    text = unicodedata.normalize("NFKC", text) if text in _FULL_ROMAN else text
    if text.lower() in _NUMBERS:
        return _NUMBERS[text.lower()]
    return int(text) if text.isdigit() else ord(text.lower()) - ord("a") + 1


def _questions(text: str) -> Split | None:
    """Two or more sentences that end in a question mark, none of which is a mere aside."""
    ends = [0, *(match.end() for match in _SENTENCE_END.finditer(text))]
    asked = [
        (start, end)
        for start, end in pairwise(ends)
        if text[end - 1] in "?？" and _stands_alone(text[start:end])
    ]
    if not 2 <= len(asked) <= MOST_PARTS:
        return None
    if text[asked[-1][1] :].strip(" \t\n。.!！"):
        return None  # something follows that may bear on all of them
    first, last = asked[0]
    parts = [text[first:last].strip()]
    parts += [text[before:end].strip() for (_, before), (_, end) in pairwise(asked)]
    return Split(text[:first].strip(), tuple(parts), "questions")


def _stands_alone(question: str) -> bool:
    if _ASIDE.fullmatch(question.strip()):
        return False
    words = re.findall(r"[A-Za-z]+|\d+|[\u4e00-\u9fff]", question)
    return len(words) >= 3


def asked_of_model(text: str) -> str:
    """The request for a plan."""
    return _ASK_PLAN[detect(text)].format(problem=text)


def read_plan(said: str, problem: str) -> Split | None:
    """A plan out of the model's words; None where there is none, or only one step."""
    parts = [match["part"].strip() for match in _PLAN_LINE.finditer(said)][:5]
    different = tuple(dict.fromkeys(parts))
    return Split(problem, different, "model") if len(different) >= 2 else None


def question(parts: Split, index: int, answers: Sequence[str | None]) -> str:
    """Part `index` as it is asked: what all share, the earlier results, then the question."""
    language: Language = detect(parts.stem + parts.parts[index])
    known = [
        f"{parts.parts[i]} {answer}"
        for i, answer in enumerate(answers[:index])
        if answer is not None
    ]
    blocks = [parts.stem] if parts.stem else []
    if known:
        blocks.append("\n".join((_EARLIER[language], *known)))
    return "\n\n".join((*blocks, parts.parts[index]))
