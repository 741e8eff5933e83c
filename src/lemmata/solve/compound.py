"""Compound questions: split into sub-problems that are solved in order.

What is numbered, or asks several questions in so many sentences, is split without a model. Anything
else is one question, unless a plan by the model is asked for; its plan is shown before it is
followed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from lemmata.prompts.language import Language, detect

MOST_PARTS = 12
_POINT = r"(?:[.)](?:[ \t]{1,8}|(?=[\u4e00-\u9fff]))|[、．][ \t]{0,8})(?=\S)"
"""What follows a number; between Chinese characters there are no spaces."""
_NUMBERED = (
    re.compile(r"(?:^|\n|(?<=[\s.;:?。；：？]))[ \t]{0,8}[(（](?P<n>\d{1,2}|[a-h])[)）][ \t]{0,8}"),
    re.compile(rf"(?:^|\n)[ \t]{{0,8}}(?P<n>\d{{1,2}}|[a-h]){_POINT}"),
    re.compile(r"(?P<n>[①②③④⑤⑥⑦⑧⑨⑩])[ \t]{0,8}"),
    re.compile(
        r"(?:^|\n|(?<=[.。；]))[ \t]{0,8}(?:Part|Question|Problem)?[ \t]{0,8}"
        r"(?P<n>[1-9])[:：][ \t]{0,8}",
        re.I,
    ),
    re.compile(
        r"(?:^|\n|(?<=[。；]))[ \t]{0,8}第(?P<n>[一二三四五六七八九十])(?:问|小题)"
        r"[:：，,]?[ \t]{0,8}"
    ),
    # all in one line, each after the end of a sentence
    re.compile(
        r"(?:^|\n|(?<=[.?!;])(?=[ \t])|(?<=[。？！；]))[ \t]{0,8}"
        rf"(?P<n>\d{{1,2}}){_POINT}"
    ),
)
_ASKS = re.compile(
    r"[?？]|\b(?:find|compute|calculate|determine|prove|show|evaluate|solve|count|how many|what is|"
    r"give|list|write|explain|simplify|express|state|decide|verify|sketch|estimate)\b"
    r"|[求算证写解画]|多少|几[个种]|判断|说明|化简|计算|确定|什么",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[?？!！。\n]|\.(?!\d)")
_PLAN_LINE = re.compile(
    r"^[ \t]{0,8}(?:\d{1,2}[.)、:]|[-*•])[ \t]{0,8}(?P<part>\S.{4,400})$", re.MULTILINE
)
_DIGITS = {
    char: i for row in ("一二三四五六七八九十", "①②③④⑤⑥⑦⑧⑨⑩") for i, char in enumerate(row, 1)
}
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
    """Parts numbered 1, 2, … or a, b, … without a gap, each of which asks something."""
    marks = _in_order(list(pattern.finditer(text)))
    if not 2 <= len(marks) <= MOST_PARTS:
        return None
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    parts = [text[m.end() : end].strip(" \t\n;；") for m, end in zip(marks, ends, strict=True)]
    if not all(_ASKS.search(part) and len(part) > 2 for part in parts):
        return None
    return Split(text[: marks[0].start()].strip(), tuple(parts), "numbered")


def _in_order(marks: list[re.Match[str]]) -> list[re.Match[str]]:
    """The marks that count up from the first number; [] where they do not."""
    numbers = [_number(mark["n"]) for mark in marks]
    return marks if numbers == list(range(1, len(marks) + 1)) else []


def _number(text: str) -> int:
    if text in _DIGITS:
        return _DIGITS[text]
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
