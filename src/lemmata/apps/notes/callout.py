"""An answer as a callout: each step with its mark, the blocks that it rests on, the verdict."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lemmata.apps.notes import reasons
from lemmata.apps.notes.marks import JUMP, marked
from lemmata.apps.notes.neutral import fence, inline, pieces
from lemmata.apps.notes.passage import Passage
from lemmata.apps.notes.words import telling
from lemmata.prompts.language import Language
from lemmata.types import Solution, Step, Verdict

MARKS = {"holds": "✓", "fails": "✗", "unchecked": "○"}
_OF_PROGRAMS = {"checked": "holds", "correct": "holds", "refuted": "fails", "incorrect": "fails"}
_GAP = "\n\n"
_CITED = re.compile(r"\[(\d{1,2})\]")
_SHARE, _FEWEST = 0.6, 4
"""A step rests on a passage that has this share of its words, and so many of them."""
_SAFE_TARGET = re.compile(r"[^\[\]|<>`%\n\r]+")
_STATES_ZH = {
    "correct": "正确", "incorrect": "错误", "undecided": "无法判定", "proved": "已证明",
    "checked": "已验证", "agreed": "多数一致", "refuted": "被否定", "unverified": "未验证",
}  # fmt: skip
_SAID: dict[Language, dict[str, str]] = {
    "en": {
        "answer": "Answer", "none": "no final answer", "read": "Read", "nothing": "no notes",
        "legend": "✓ checked · ✗ wrong · ○ not checked", "verdict": "Verdict",
    },
    "zh": {
        "answer": "答案", "none": "没有最终答案", "read": "参考", "nothing": "没有笔记",
        "legend": "✓ 已验证 · ✗ 有误 · ○ 未验证", "verdict": "结论",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """`markdown` is the callout; `cited` the indices of the passages that it links to."""

    markdown: str
    cited: tuple[int, ...]


def answer(question: str, solution: Solution, used: Sequence[Passage]) -> Answer:
    """Model text in it is neutral; the only links are to the passages. Its steps are checked here
    and now, whatever the solution says of them."""
    return _Writing(question, solution, used).answer()


class _Writing:
    def __init__(self, question: str, solution: Solution, used: Sequence[Passage]) -> None:
        self._question, self._solution, self._used = question, solution, used
        self._said = _SAID["zh" if solution.language == "zh" else "en"]
        self._about = [telling(passage.text) for passage in used]
        self._cited: set[int] = set()
        self._pieces = list(pieces(solution.derivation))
        self._steps = marked(_GAP.join(text for code, text in self._pieces if code is None))
        self._verdict = self._believed()

    def _believed(self) -> Verdict:
        """`checked` by its steps is so only if each was computed; a program's examples were run."""
        verdict = self._solution.verdict
        programs = any(language is not None for language, _ in self._pieces)
        if verdict.state != "checked" or programs:
            return verdict
        if self._steps and all(step.state == "holds" for step in self._steps):
            return verdict
        return Verdict("unverified", "not every step computes what it says")

    def answer(self) -> Answer:
        body = [*self._body(), "", *self._end()]
        head = f"[!lemmata] {inline(self._question)}"
        text = "\n".join(f"> {line}" if line else ">" for line in (head, *body))
        return Answer(text + "\n", tuple(sorted(self._cited)))

    def _body(self) -> list[str]:
        """Steps where there are some, code blocks as they are."""
        out: list[str] = []
        begins = 0
        for language, piece in self._pieces:
            if language is not None:
                out += [*fence(piece, language), *self._ran(piece)]
                continue
            ends = begins + len(piece)
            out += [self._step(step) for step in self._steps if begins <= step.start < ends]
            begins = ends + len(_GAP)
        return out

    def _ran(self, program: str) -> list[str]:
        """The mark of a program that was run on examples: the answer, where it is one."""
        verdict = self._solution.verdict
        if program.strip() != (self._solution.answer or "").strip():
            return []
        mark = MARKS[_OF_PROGRAMS.get(verdict.state, "unchecked")]
        return [f"- {mark} {inline(self._in_words(verdict.reason))}"]

    def _step(self, step: Step) -> str:
        reason = self._in_words(step.reason or (JUMP if step.jump else ""))
        why = f" ({inline(reason)})" if reason else ""
        return f"- {MARKS[step.state]} {self._with_links(step)}{why}"

    def _in_words(self, reason: str) -> str:
        return reasons.said(reason, "zh" if self._said is _SAID["zh"] else "en")

    def _with_links(self, step: Step) -> str:
        """The model's own [n] become links; without one the passage that says the same is named."""
        out, at, found = "", 0, False
        for match in _CITED.finditer(step.text):
            if 1 <= int(match[1]) <= len(self._used):
                out += f"{inline(step.text[at : match.start()])} {self._link(int(match[1]) - 1)} "
                at, found = match.end(), True
        out += inline(step.text[at:])
        if not found and (like := self._alike(step.text)) is not None:
            out += f" {self._link(like)}"
        return re.sub(r" +(?=[.,;。，；]?$)", "", out.strip())

    def _alike(self, text: str) -> int | None:
        wanted = telling(text)
        shared = [len(wanted & about) for about in self._about]
        best = max(range(len(shared)), key=shared.__getitem__, default=None)
        if best is None or shared[best] < max(_FEWEST, _SHARE * len(wanted)):
            return None
        return best

    def _link(self, number: int) -> str:
        if not linkable(self._used[number].target):
            return f"({number + 1})"
        self._cited.add(number)
        return f"([[{self._used[number].target}|{number + 1}]])"

    def _end(self) -> list[str]:
        said, verdict = self._said, self._verdict
        value = (
            inline(_as_formula(self._solution.answer)) if self._solution.answer else said["none"]
        )
        if "\n" in (self._solution.answer or ""):
            value = "↑"
        state = _STATES_ZH[verdict.state] if said is _SAID["zh"] else verdict.state
        read = ", ".join(self._read())
        return [
            f"**{said['answer']}:** {value}  ",
            f"**{said['verdict']}:** {state} ({inline(self._in_words(verdict.reason))})  ",
            f"**{said['read']}:** {read or said['nothing']}  ",
            said["legend"],
        ]

    def _read(self) -> list[str]:
        """Each passage that is cited, and the notes of the others, by their numbers."""
        named: dict[str, list[int]] = {}
        for number in range(len(self._used)):
            named.setdefault(self._named(number), []).append(number + 1)
        return [f"{' '.join(map(str, numbers))} {name}" for name, numbers in named.items()]

    def _named(self, number: int) -> str:
        """A link to the note of a passage; to the block itself where it is cited."""
        passage = self._used[number]
        if not linkable(passage.target):
            return inline(passage.title)
        if number in self._cited:
            return f"[[{passage.target}|{_alias(passage.title)}]]"
        note = passage.target.partition("#")[0]
        return f"[[{note}|{_alias(posixpath.basename(note))}]]"


def linkable(target: str) -> bool:
    """Whether a wiki link can say it."""
    return _SAFE_TARGET.fullmatch(target) is not None


def _alias(title: str) -> str:
    return re.sub(r"[\[\]|<>`%$^\\!{}]", "", title.replace(" > ", " – ")).strip() or "note"


def _as_formula(value: str) -> str:
    """LaTeX as a formula, anything else as it is."""
    return f"${value}$" if "\\" in value and "$" not in value else value
