"""Question and answer: GSM8K, and problem/solution/answer as MATH and its kin name them.

Where there is a solution beside the answer, the solution is learnt and the answer is its gold. In
GSM8K's answers the calculator marks (`<<48/2=24>>`) are checked, then stripped, and the last line
`#### 72` becomes a boxed answer, the form that every prompt of ours asks for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lemmata.data.formats import calculator
from lemmata.data.formats import fields as read
from lemmata.prompts.language import detect
from lemmata.types import Example, Message

NAME = "question, answer (GSM8K; problem, solution)"
_QUESTIONS = ("question", "problem", "query")
_SOLUTIONS = ("solution", "generated_solution", "rationale", "response")
_CLOSING = {"en": "The answer is {}.", "zh": "答案是 {}。"}
_FINAL = re.compile(r"\n?^####[ \t]*(.+?)\s*\Z", re.MULTILINE)


def fits(fields: Mapping[str, Any]) -> bool:
    names = (*_SOLUTIONS, "answer")
    return any(name in fields for name in _QUESTIONS) and any(name in fields for name in names)


def convert(fields: Mapping[str, Any]) -> list[Example]:
    question = read.text(fields, next((n for n in _QUESTIONS if n in fields), "question"))
    solution = next((name for name in _SOLUTIONS if name in fields), None)
    meta = read.known(fields, "answer") if solution else read.known(fields)
    completion, marked = _plain(read.text(fields, solution or "answer"))
    if marked:
        meta.setdefault("gold", marked)
    return [Example((Message("user", question),), completion, meta)]


def _plain(answer: str) -> tuple[str, str]:
    """The derivation without marks and the final answer that `####` gives ("" where none does)."""
    derivation = calculator.strip(answer)
    final = _FINAL.search(derivation)
    if final is None:
        return derivation, ""
    value = final[1].replace(",", "").strip("$ ")
    steps = derivation[: final.start()].rstrip()
    closing = _CLOSING[detect(steps)].format(f"\\boxed{{{value}}}")
    return f"{steps}\n{closing}".lstrip(), value
