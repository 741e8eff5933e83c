"""Cuts a derivation into steps: lines, and sentences within lines, never inside a formula."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 200_000
"""Characters of a derivation that are read; the rest is left unchecked."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text and its half-open span."""

    text: str
    start: int
    end: int


_PROTECTED = re.compile(
    r"\$\$.{1,2000}?\$\$|\\\[.{1,2000}?\\\]|\\\(.{1,2000}?\\\)|<<[^<>\n]*>>"
    r"|\\begin\{(?:align|aligned|equation|gather|cases|array|[pbvBV]?matrix)\*?\}.{1,2000}?\\end\{[^}]*\}"
    r"|(?<!\\)\$[^$\n]{1,400}(?<!\\)\$(?!\d)",
    re.DOTALL,
)
_BREAK = re.compile(r"\n+|[。！？；]+|[.!?](?=\s+[A-Z\\$\x00\d(]|\s*$)|;(?=\s)")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|approx|No|Eq|Fig|Dr|Mr|Mrs|Ms|St)|\b\d+)$")
_DISPLAY_ROW = re.compile(r"\\\\(?:\[[^\]]*\])?")
_CONTINUES = re.compile(r"\s*(?:&\s*)?(?:=|\\le|\\ge|\\equiv|<|>)")


def segments(text: str) -> list[Segment]:
    """The steps of a derivation in order. Linear in its length."""
    text = text[:LONGEST]
    shielded = _shield(text)
    found, start = [], 0
    for match in _BREAK.finditer(shielded):
        if match[0] == "." and not _ends_sentence(shielded, start, match.start()):
            continue
        found.append((start, match.end()))
        start = match.end()
    found.append((start, len(text)))
    return _joined([piece for span in found for piece in _trimmed(text, *span)])


def _ends_sentence(text: str, start: int, at: int) -> bool:
    """Not behind an abbreviation, nor behind a number that opens the line ("2. Then")."""
    if not _ABBREVIATION.search(text, max(start, at - 12), at):
        return True
    line = text.rfind("\n", 0, at) + 1
    return not text[line:at].strip().isdigit() and text[at - 1].isdigit()


def _shield(text: str) -> str:
    """The text with the inside of formulas blanked, so that nothing there looks like an end."""
    return _PROTECTED.sub(lambda m: "\x00" * len(m[0]), text)


def _trimmed(text: str, start: int, end: int) -> list[Segment]:
    piece = text[start:end]
    stripped = piece.strip()
    if not any(character.isalnum() for character in stripped):
        return []
    start += len(piece) - len(piece.lstrip())
    return [Segment(stripped, start, start + len(stripped))]


def _joined(pieces: list[Segment]) -> list[Segment]:
    """A line that begins with a relation sign goes on with the chain above it."""
    out: list[Segment] = []
    for piece in pieces:
        if out and _CONTINUES.match(piece.text):
            last = out.pop()
            piece = Segment(f"{last.text} {piece.text}", last.start, piece.end)
        out.append(piece)
    return out


def rows(formula: str) -> str:
    """The rows of an aligned display as one chain or a list of equations."""
    body = re.sub(r"\\begin\{[a-z*]+\}(?:\{[^}]*\})?|\\end\{[a-z*]+\}", " ", formula)
    parts = [part.replace("&", " ").strip() for part in _DISPLAY_ROW.split(body)]
    joined = ""
    for part in filter(None, parts):
        joined += " " + part if not joined or _CONTINUES.match(part) else " , " + part
    return joined.strip()
