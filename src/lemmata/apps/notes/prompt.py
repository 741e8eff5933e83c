"""The question with as many passages as fit into a budget of tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lemmata.apps.notes.links import plain
from lemmata.apps.notes.passage import Passage
from lemmata.errors import BadInput
from lemmata.prompts.language import detect
from lemmata.solve import task_of
from lemmata.solve.programs import statement

BUDGET = 1024
"""Tokens of passages."""
_WORDS = {
    "en": (
        "Notes, each with its number:\n", "\n\nAnswer the question. Where a note helps, cite its "
        "number like [1].\n", "About this text:\n", "Question: ",
    ),
    "zh": (
        "以下是带编号的笔记：\n", "\n\n请回答问题；用到某条笔记时，像 [1] 这样注明编号。\n",
        "关于这段文字：\n", "问题：",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prompt:
    """`used` in the order of their numbers, from 1; `left_out` did not fit. `tokens` are those of
    the passages."""

    problem: str
    used: tuple[Passage, ...]
    left_out: int
    tokens: int


def pack(
    question: str,
    selection: str,
    passages: Sequence[Passage],
    count: Callable[[str], int],
    budget: int = BUDGET,
) -> Prompt:
    """The passages in their order, each whole or not at all; `count` counts the tokens of a text.
    Where a program is asked for, passages with examples of others are left out: it is run on every
    example that the problem shows.

    Raises BadInput for an empty question.
    """
    if not question.strip():
        raise BadInput("the question is empty", "Say what you want to know.")
    used: list[Passage] = []
    entries: list[str] = []
    spent = 0
    program = task_of(question) == "code"
    for passage in passages:
        if program and statement.read(passage.text).examples:
            continue
        entry = f"[{len(used) + 1}] ({passage.title}) {plain(passage.text)}"
        size = count(entry)
        if spent + size <= budget:
            used.append(passage)
            entries.append(entry)
            spent += size
    opening, asking, about, asked = _WORDS[detect(question)]
    notes = opening + "\n".join(entries) + asking if entries else ""
    chosen = f"{about}{plain(selection).strip()}\n\n" if selection.strip() else ""
    problem = f"{notes}\n{chosen}{asked}{question.strip()}".strip()
    return Prompt(problem, tuple(used), len(passages) - len(used), spent)


def estimate(text: str) -> int:
    """Tokens where nothing can count them: too many rather than too few."""
    wide = sum(ord(character) > 0x2E7F for character in text)
    return wide + -(-(len(text) - wide) // 3)
