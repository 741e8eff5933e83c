"""Finding the comment that says what is to be done, in whatever language the file is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lemmata.apps.complete.languages import Language

TODO = re.compile(
    r"(?:@?\b(?:TODO|FIXME|XXX|HACK|TBD)\b|待办|待实现|待完成|未完成|未实现|要做)"
    r"(?:\s*[(（][^)）\n]{0,40}[)）])?\s*[:：\-—]*\s*",
    re.IGNORECASE,
)
_BORDER = " \t\r\f\v*/#;%-="
REACH = 400
"""Lines that a selection and a comment may have: what is longer is read as far."""
_UNDONE = re.compile(
    r"^(?:pass|\.\.\.|raise NotImplementedError\b.*|throw\b.*(?:implement|TODO|未实现).*"
    r"|(?:todo|unimplemented)!\(.*\);?|panic\(.*(?:implement|TODO).*\)|TODO\(.*\))$",
    re.IGNORECASE,
)
_ONLY_TODO = re.compile(rf"(?://|/\*|#).*?(?:{TODO.pattern})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Todo:
    """What is asked: lines [first, last) of the file, counted from 0, are to be replaced; `indent`
    is the white space before them. `comment`: how many of them are the comment itself."""

    first: int
    last: int
    indent: str
    words: str
    comment: int


def find(lines: Sequence[str], language: Language, first: int, last: int) -> Todo | None:
    """The first comment with a TODO that touches lines [first, last); else the first comment."""
    end = min(last, len(lines), first + REACH)
    found = [todo for at in range(first, end) if (todo := _at(lines, language, at))]
    marked = [todo for todo in found if _is_marked(lines, todo)]
    return next(iter(marked or found), None)


def _is_marked(lines: Sequence[str], todo: Todo) -> bool:
    return any(TODO.search(line) for line in lines[todo.first : todo.first + todo.comment])


def _at(lines: Sequence[str], language: Language, at: int) -> Todo | None:
    """The comment that line `at` belongs to."""
    span = _block(lines, language, at) or _run(lines, language, at)
    if span is None:
        return _trailing(lines, language, at)
    first, last = span
    said = [_without_border(_bare(line, language)) for line in lines[first:last]]
    return _made(lines, first, last, "\n".join(said))


def _without_border(text: str) -> str:
    return text.lstrip(_BORDER + "!").rstrip(_BORDER)


def _made(lines: Sequence[str], first: int, last: int, said: str) -> Todo | None:
    words = TODO.sub("", said, count=1).strip()
    if not words:
        return None
    indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
    return Todo(first, _past_placeholder(lines, last), indent, words, last - first)


def _bare(line: str, language: Language) -> str:
    """A comment's line without its marks."""
    text = line.strip()
    for opening, closing in language.blocks:
        text = text.removeprefix("{" + opening).removeprefix(opening)
        text = text.removesuffix(closing + "}").removesuffix(closing)
    mark = next((mark for mark in language.lines if text.startswith(mark)), "")
    return text.removeprefix(mark)


def _block(lines: Sequence[str], language: Language, at: int) -> tuple[int, int] | None:
    for opening, closing in language.blocks:
        for first in range(at, max(-1, at - REACH), -1):
            text = lines[first].strip().removeprefix("{")
            if text.startswith(opening):
                last = _closed(lines, first, opening, closing)
                if last > at:
                    return first, last
                break
            if closing in text and first < at:
                break
    return None


def _closed(lines: Sequence[str], first: int, opening: str, closing: str) -> int:
    for at in range(first, min(len(lines), first + 2 * REACH)):
        start = lines[at].find(opening) + len(opening) if at == first else 0
        if closing in lines[at][start:]:
            return at + 1
    return min(len(lines), first + 2 * REACH)


def _run(lines: Sequence[str], language: Language, at: int) -> tuple[int, int] | None:
    """Neighbouring lines of comment with one indent; from the TODO on, up to the next one."""
    mark = next((m for m in language.lines if lines[at].lstrip().startswith(m)), None)
    if mark is None:
        return None
    indent = len(lines[at]) - len(lines[at].lstrip())

    def belongs(place: int) -> bool:
        line = lines[place]
        return line.lstrip().startswith(mark) and len(line) - len(line.lstrip()) == indent

    first = at
    top = max(0, at - REACH)
    while not TODO.search(lines[first]) and first > top and belongs(first - 1):
        first -= 1
    if not TODO.search(lines[first]):
        first = at
    last = max(first, at) + 1
    end = min(len(lines), at + REACH)
    while last < end and belongs(last) and not TODO.search(lines[last]):
        last += 1
    return first, last


def _trailing(lines: Sequence[str], language: Language, at: int) -> Todo | None:
    """A TODO behind code: the whole line is to be replaced."""
    marks = (*language.lines, *(opening for opening, _ in language.blocks))
    match = next(
        (m for m in TODO.finditer(lines[at]) if any(k in lines[at][: m.start()] for k in marks)),
        None,
    )
    if match is None:
        return None
    said = _without_border(lines[at][match.start() :])
    for _, closing in language.blocks:
        said = said.removesuffix(closing)
    return _made(lines, at, at + 1, said)


def _past_placeholder(lines: Sequence[str], last: int) -> int:
    """Past what only stands in for the code: `pass`, `raise NotImplementedError`, `todo!()`."""
    at = last
    while at < len(lines) and not lines[at].strip():
        at += 1
    if at < len(lines) and _UNDONE.match(lines[at].strip()):
        return at + 1
    return last


def stub_below(lines: Sequence[str], last: int) -> tuple[int, int] | None:
    """The lines of a function in braces that stands right under a comment ending before `last` and
    holds nothing but what stands in for code."""
    head = last
    while head < len(lines) and not lines[head].strip():
        head += 1
    if head >= len(lines) or not lines[head].rstrip().endswith("{"):
        return None
    margin = len(lines[head]) - len(lines[head].lstrip())
    for at in range(head + 1, min(len(lines), head + 9)):
        inner = lines[at].strip()
        if inner in ("}", "};"):
            closes = len(lines[at]) - len(lines[at].lstrip()) == margin
            return (head, at + 1) if closes else None
        if inner and not _UNDONE.match(inner) and not _ONLY_TODO.match(inner):
            return None
    return None
