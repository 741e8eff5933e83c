"""A note as the blocks that Obsidian can link to: paragraphs, list items, code, headings."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

Kind = Literal["paragraph", "item", "heading", "code", "quote", "table", "html"]
_KINDS: dict[str, Kind] = {
    "paragraph_open": "paragraph", "heading_open": "heading", "fence": "code",
    "code_block": "code", "blockquote_open": "quote", "table_open": "table", "html_block": "html",
}  # fmt: skip
_ID = re.compile(r"(?:^|[ \t])\^([A-Za-z0-9-]{1,64})[ \t]*$")
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+(?:\[.\]\s+)?")
_FRONT = re.compile(r"\A---[ \t]*\n.*?^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_LONE_RETURN = re.compile(r"\r(?!\n)")
"""A line break to the parser and to nobody else: its lines would not be ours."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines `first` to `last` (half open, counted from 0) of a note. `heading` is the nearest one
    above, `id` what `^id` names it by, `info` the language of a code fence."""

    kind: Kind
    text: str
    first: int
    last: int
    heading: str = ""
    id: str = ""
    info: str = ""


def front_matter(text: str) -> str:
    """The YAML between the dashes at the head of a note, dashes included; "" where none is."""
    match = _FRONT.match(text)
    return match[0] if match else ""


def blocks(text: str) -> list[Block]:
    """The blocks of a note in order; front matter is none."""
    text = _LONE_RETURN.sub(" ", text)
    front = front_matter(text)
    above = front.count("\n")
    lines = text.split("\n")
    found: list[Block] = []
    heading = ""
    for token in _outer(_parser().parse(text[len(front) :])):
        first, last = (above + line for line in token.map or (0, 0))
        while last > first + 1 and not lines[last - 1].strip():
            last -= 1
        body = "\n".join(lines[first:last])
        if token.type == "heading_open":
            heading = body.lstrip("# ").strip()
        kind = _KINDS.get(token.type, "item")
        name = "" if kind == "code" else _id_of(_own(body, kind))
        if found and name and body.strip() == f"^{name}":
            found[-1] = _named(found[-1], name, last)
            continue
        info = token.info.strip().split()[0] if token.info.strip() else ""
        found.append(Block(kind, body, first, last, heading, name, info.lower()))
    return found


def _outer(tokens: list[Token]) -> list[Token]:
    """Top-level blocks, of lists the items."""
    kept, depth = [], 0
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open") and token.level == 0:
            depth = 1
        elif token.type in ("bullet_list_close", "ordered_list_close") and token.level == 0:
            depth = 0
        elif token.level == depth and token.map and token.type != "inline":
            kept.append(token)
    return kept


def _named(block: Block, name: str, last: int) -> Block:
    return Block(block.kind, block.text, block.first, last, block.heading, name, block.info)


def _own(body: str, kind: Kind) -> str:
    """A list item without what is nested in it; any other block as it is."""
    lines = body.split("\n")
    nested = (n for n, line in enumerate(lines) if n and (not line.strip() or _ITEM.match(line)))
    return "\n".join(lines[: next(nested, len(lines))]) if kind == "item" else body


def _id_of(body: str) -> str:
    match = _ID.search(body.rsplit("\n", 1)[-1])
    return match[1] if match else ""


def prose(block: Block) -> str:
    """The text of a block without its id and the signs that make it a heading or an item."""
    own = _own(block.text, block.kind)
    text = _ID.sub("", own) + block.text[len(own) :]
    if block.kind == "heading":
        return text.lstrip("# ").strip()
    return (_ITEM.sub("", text, count=1) if _ITEM.match(text) else text).strip()


def name_of(block: Block) -> str:
    """The id a block has, or the one that it would get: the same for the same text."""
    return block.id or "lm-" + hashlib.sha256(block.text.encode()).hexdigest()[:8]


def with_id(text: str, block: Block) -> str:
    """The note with the block's id written behind it, where it has none. Headings need none."""
    if block.id or block.kind == "heading":
        return text
    lines = text.split("\n")
    name = name_of(block)
    if block.kind in ("paragraph", "item"):
        end = block.first + _own(block.text, block.kind).count("\n")
        lines[end] = f"{lines[end].rstrip()} ^{name}"
    else:
        lines[block.last : block.last] = ["", f"^{name}"]
    return "\n".join(lines)


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")
