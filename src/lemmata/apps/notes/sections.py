"""A note cut into what is checked: under each heading its problem, its derivation, its programs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

from lemmata.apps.notes.blocks import Block, blocks, prose

_OWN = re.compile(r"\A>\s*\[![\w-]+\|lemmata\]")
_OURS = re.compile(r"\A>\s*\[!(?:lemmata\]|[\w-]+\|lemmata\])")
_ATTEMPT = re.compile(
    r"\A\W{0,4}(?:proof|solution|answer|attempt|derivation|my (?:proof|solution|attempt)"
    r"|证明|解答|解|答|推导)[*_]{0,2}(?:[:：.。]|$)",
    re.IGNORECASE | re.MULTILINE,
)
_ATTEMPT_HEADING = re.compile(
    r"\W{0,4}(?:my |a |the )?"
    r"(?:proof|solution|answer|attempt|derivation|证明|解答|解法?|答案?|推导|证法?)"
    r"\s*[\d一二三四五]{0,2}\W{0,3}",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\A[*_]{0,2}(?:problem|question|exercise|题目|问题|题|proof|solution|attempt|derivation|证明|解答|解|推导)"
    r"[*_]{0,2}[:：.][*_]{0,2}\s*",
    re.IGNORECASE,
)
_GOLD = re.compile(
    r"^\W{0,4}(?:gold|answer key|expected answer|标准答案|参考答案)\W{0,3}[:：]\W{0,3}?\s*(.+?)"
    r"[*_ ]*$",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(slots=True)
class Section:
    """What stands under one heading. `written` are the blocks of its prose in order, `programs` its
    code blocks; `gold` is its known answer, "" where none is given. A heading such as `Proof`
    begins the attempt at what stands above it: `tried` counts the blocks of `written` before it."""

    heading: str
    first: int
    written: list[Block] = field(default_factory=list)
    programs: list[Block] = field(default_factory=list)
    gold: str = ""
    tried: int | None = None

    def takes(self, heading: str) -> bool:
        """Whether the heading begins an attempt at this section's problem, which has none yet."""
        stated = self.written and not self.programs and not says_attempt(self)
        return bool(stated) and _ATTEMPT_HEADING.fullmatch(heading) is not None


def is_own(block: Block) -> bool:
    """Whether a block is a callout that a check wrote."""
    return block.kind == "quote" and _OWN.match(block.text) is not None


def is_ours(block: Block) -> bool:
    """Whether a block was written by us: an answer, or what a check found."""
    return block.kind == "quote" and _OURS.match(block.text) is not None


def sections(text: str) -> list[Section]:
    """Quotes, tables, HTML and what checks wrote are no part of any."""
    found = [Section("", 0)]
    for block in blocks(text):
        if block.kind == "heading" and found[-1].takes(block.heading):
            found[-1].tried = len(found[-1].written)
        elif block.kind == "heading":
            found.append(Section(block.heading, block.first))
        elif block.kind in ("paragraph", "item"):
            gold = _GOLD.search(block.text)
            found[-1].gold = gold[1].strip() if gold else found[-1].gold
            left = _GOLD.sub("", block.text) if gold else block.text
            if left.strip():
                found[-1].written.append(replace(block, text=left))
        elif block.kind == "code":
            found[-1].programs.append(block)
    return [section for section in found if section.written or section.programs]


def says_attempt(section: Section) -> bool:
    """Whether some block of it calls itself a proof, a solution or the like."""
    return section.tried is not None or any(
        _ATTEMPT.match(prose(block)) for block in section.written
    )


def attempt(section: Section, claims: list[bool]) -> int:
    """The index in `written` where the problem ends and the attempt begins: at a word that says so,
    else at the first block that claims something (`claims`, one for each block), else at once."""
    if section.tried is not None and section.tried < len(section.written):
        return section.tried
    for number, block in enumerate(section.written):
        if _ATTEMPT.match(prose(block)):
            return number
    return next((number for number, claim in enumerate(claims) if claim), 0)


def code_of(block: Block) -> str:
    """The inside of a code block."""
    lines = block.text.split("\n")
    fenced = lines[0].lstrip().startswith(("```", "~~~"))
    inner = lines[1:-1] if fenced and len(lines) > 1 else lines
    indent = min((len(a) - len(a.lstrip()) for a in inner if a.strip()), default=0)
    return "\n".join(line[indent:] for line in inner)


def spans(section: Section) -> tuple[str, list[tuple[int, int]]]:
    """The prose as one text, and the span of each block in it."""
    texts = [prose(block) for block in section.written]
    starts = [0]
    for text in texts:
        starts.append(starts[-1] + len(text) + 2)
    return "\n\n".join(texts), [(a, b - 2) for a, b in pairwise(starts)]


def without_label(text: str) -> str:
    """`Problem: what is …` without its first word."""
    return _LABEL.sub("", text, count=1).strip()
