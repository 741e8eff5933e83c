"""Findings as callouts in the note itself: behind each block one for every step that was checked.

They carry the mark `|lemmata` by which the next check finds and replaces them; what a person wrote
is never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from lemmata.apps.notes import reasons
from lemmata.apps.notes.blocks import blocks
from lemmata.apps.notes.check import Checked, Finding
from lemmata.apps.notes.neutral import inline
from lemmata.apps.notes.sections import is_own
from lemmata.prompts.language import Language, detect

_TYPES = {"holds": "success", "fails": "failure", "unchecked": "question"}
_SAID: dict[Language, dict[str, str]] = {
    "en": {
        "step": "Step {number}", "example": "Example {number}", "answer": "Answer",
        "program": "Program", "holds": "✓ holds", "fails": "✗ wrong", "unchecked": "○ not checked",
        "left": "Not checked: {count}", "agrees": "equals {text}",
        "known": "the known answer is {text}",
    },
    "zh": {
        "step": "第 {number} 步", "example": "示例 {number}", "answer": "答案", "program": "程序",
        "holds": "✓ 成立", "fails": "✗ 有误", "unchecked": "○ 未验证",
        "left": "未验证：{count} 步", "agrees": "等于 {text}",
        "known": "已知答案是 {text}",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines `first` to `last` (half open, counted from 0) become `lines`."""

    first: int
    last: int
    lines: tuple[str, ...]


def annotated(
    text: str, checked: Sequence[Checked], first: int = 0, last: int | None = None
) -> str:
    """The note with the callouts of this check, without those of earlier ones; where only lines
    `first` to `last` were checked, callouts elsewhere stay."""
    language = detect(text)
    callouts: dict[int, list[str]] = {}
    for section in checked:
        for behind, written in _section(section, language):
            callouts.setdefault(behind, []).extend(["", *written])
    lines = text.split("\n")
    gone = _own_lines(text, lines, first, last)
    out: list[str] = []
    for number, line in enumerate(lines):
        if number not in gone:
            out.append(line)
        if number in callouts:
            out += callouts[number]
            follows = next((n for n in range(number + 1, len(lines)) if n not in gone), None)
            if follows is not None and lines[follows].strip():
                out.append("")
    return "\n".join(out)


def edits(before: str, after: str) -> list[Edit]:
    """What turns one text into the other, by lines."""
    old, new = before.split("\n"), after.split("\n")
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        Edit(a, b, tuple(new[c:d]))
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag != "equal"
    ]  # fmt: skip


def _own_lines(text: str, lines: Sequence[str], first: int, last: int | None) -> set[int]:
    """Lines of earlier callouts with the empty line before each."""
    gone: set[int] = set()
    for block in blocks(text):
        if is_own(block) and block.last > first and (last is None or block.first <= last + 1):
            # A line that someone wrote right below belongs to the quote for Markdown, not for us.
            gone.update(n for n in range(block.first, block.last) if lines[n].startswith(">"))
            if block.first and not lines[block.first - 1].strip():
                gone.add(block.first - 1)
    return gone


def _section(section: Checked, language: Language) -> Iterable[tuple[int, list[str]]]:
    said = _SAID[language]
    left = [one for one in section.findings if one.kind == "step" and one.state == "unchecked"]
    for finding in section.findings:
        if finding not in left:
            yield finding.line, _callout(finding, language)
    if left:
        head = f"> [!question|lemmata]- {said['left'].format(count=len(left))}"
        yield left[-1].line, [head, *(f"> {one.number}. {inline(one.text)}" for one in left)]


def _callout(finding: Finding, language: Language) -> list[str]:
    said = _SAID[language]
    name = said[finding.kind].format(number=finding.number)
    head = f"> [!{_TYPES[finding.state]}|lemmata] {name} {said[finding.state]}"
    text = inline(finding.text)
    if finding.kind == "answer" and finding.state != "unchecked":
        told = said["agrees" if finding.state == "holds" else "known"]
        return [head, f"> {told.format(text=text)}"]
    why = inline(reasons.said(finding.reason, language)) if finding.state != "holds" else ""
    reason = f"**{why}**" if why else ""
    body = [f"> {line}" for line in (text, reason) if line]
    return [head, *body]
