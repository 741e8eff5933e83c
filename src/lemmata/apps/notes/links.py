"""Links between notes: [[wiki]], ![[embeds]], [Markdown](links.md); resolved as Obsidian does."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

_CODE = re.compile(r"^(```+|~~~+).*?^\1[`~]*[ \t]*$|(`+)[^`\n](?:.*?[^`\n])??\2(?!`)", re.S | re.M)
_WIKI = re.compile(r"(!?)\[\[([^\[\]|#\n]*)(?:#([^\[\]|\n]*))?(?:\|[^\[\]\n]*)?\]\]")
_MARKDOWN = re.compile(r"(!?)\[[^\[\]\n]*\]\(<?([^()<>\s#]*?)(?:#([^()<>\s]*))?>?\)")


@dataclass(frozen=True, slots=True)
class Link:
    """`target` as written, "" for the note itself; `sub` is a heading or `^id`."""

    target: str
    sub: str
    embed: bool
    line: int


def links(text: str) -> list[Link]:
    """The links of a note in the order of the text; code has none."""
    text = _CODE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    found = [(m.start(), m[1], m[2].strip(), m[3] or "") for m in _WIKI.finditer(text)]
    for m in _MARKDOWN.finditer(text):
        target = unquote(m[2])
        if target.endswith(".md") or (not target and m[3]):
            found.append((m.start(), m[1], target, unquote(m[3] or "")))
    return [
        Link(target, sub.strip(), bool(embed), text.count("\n", 0, at))
        for at, embed, target, sub in sorted(found)
    ]


def base_name(target: str) -> str:
    """What every target that leads to a note has in common with its path."""
    return posixpath.basename(target.lower()).removesuffix(".md")


def plain(text: str) -> str:
    """The text as it is read: links by their words, embeds left out; code stays as it is, and so do
    brackets without a letter, such as the rows of a matrix."""

    def words(match: re.Match[str]) -> str:
        if not any(sign.isalpha() for sign in match[2]):
            return match[0]
        shown = match[0].strip("![]").rpartition("|")[2]
        return "" if match[1] else shown.replace("#^", " ").replace("#", " ").strip()

    out, at = "", 0
    for code in _CODE.finditer(text):
        out += _WIKI.sub(words, text[at : code.start()]) + code[0]
        at = code.end()
    return out + _WIKI.sub(words, text[at:])


class Resolver:
    """Targets to notes: a path from the root or from the note's folder, else the base name, of
    several the one in the same folder, then the one with the shortest path."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths: dict[str, str] = {}
        self._names: dict[str, list[str]] = {}
        for path in sorted(paths, key=lambda path: (path.count("/"), path)):
            self._paths.setdefault(path.lower(), path)
            self._names.setdefault(posixpath.basename(path).lower(), []).append(path)

    def note(self, target: str, source: str) -> str | None:
        """The note that `target` leads to from note `source`; None for a broken link."""
        if not target:
            return source
        wanted = (target if target.lower().endswith(".md") else f"{target}.md").lower()
        here = posixpath.dirname(source)
        for path in (wanted, posixpath.normpath(posixpath.join(here.lower(), wanted))):
            if path in self._paths:
                return self._paths[path]
        named = self._names.get(posixpath.basename(wanted), [])
        fitting = [
            path for path in named if path.lower().endswith(f"/{wanted}") or "/" not in wanted
        ]
        near = [path for path in fitting if posixpath.dirname(path) == here]
        return next(iter(near or fitting), None)
