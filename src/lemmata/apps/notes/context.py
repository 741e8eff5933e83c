"""What of a vault a question is answered with: what the selection's note embeds and links to, what
links to it, to a depth, then what the search finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lemmata.apps.notes.blocks import Block, blocks, prose
from lemmata.apps.notes.index import Index
from lemmata.apps.notes.links import Link
from lemmata.apps.notes.passage import Passage, Via, passage
from lemmata.apps.notes.sections import is_ours
from lemmata.apps.notes.words import telling
from lemmata.errors import BadInput

DEPTH = 2
MOST = 48
"""Passages handed on; the token budget decides how many of them are read."""
_OF_A_NOTE = 3
"""Blocks taken of a note that is linked to as a whole."""
_HITS = 8
_REACH = 96
"""Links that are followed at most, so that a note with thousands is no longer waited for."""
_ORDER: tuple[Via, ...] = ("selection", "embed", "link", "note", "backlink", "search")


@dataclass(frozen=True, slots=True)
class Asking:
    """A question about `selection`, a part of `note`; both may be "" for the whole vault."""

    question: str
    note: str = ""
    selection: str = ""
    depth: int = DEPTH


@dataclass(frozen=True, slots=True)
class Context:
    """The passages, the most useful first, and the targets of links that lead nowhere."""

    passages: tuple[Passage, ...]
    broken: tuple[str, ...] = ()


def gather(index: Index, asking: Asking) -> Context:
    """Raises BadInput where `asking.note` cannot be read; other notes that cannot are left out."""
    return _Gathering(index, asking).context()


class _Gathering:
    def __init__(self, index: Index, asking: Asking) -> None:
        self._index, self._asking = index, asking
        self._about = telling(f"{asking.question} {asking.selection}")
        self._found: dict[tuple[str, int], tuple[tuple[float, ...], Passage]] = {}
        self._blocks: dict[str, list[Block]] = {}
        self._broken: list[str] = []
        self._followed = 0

    def context(self) -> Context:
        if self._asking.note:
            self._index.vault.read(self._asking.note)
            self._linked()
        for note, _ in self._index.search(
            f"{self._asking.question} {self._asking.selection}", _HITS
        ):
            telling_ones = [block for block in self._best(note) if self._shared(block)]
            self._take(note, telling_ones, "search", self._asking.depth + 1)
        ranked = sorted(self._found.values(), key=lambda pair: pair[0])
        return Context(tuple(one for _, one in ranked[:MOST]), tuple(dict.fromkeys(self._broken)))

    def _linked(self) -> None:
        note, reached = self._asking.note, {self._asking.note}
        own = [block for block in self._read(note) if block.text not in self._asking.selection]
        self._take(note, self._nearest(own), "note", 0)
        fringe = [note]
        for distance in range(1, self._asking.depth + 1):
            onward: list[str] = []
            for source in fringe:
                for other, link, via in self._around(source, first=distance == 1):
                    if self._followed == _REACH:
                        return
                    self._followed += 1
                    self._follow(source, other, link, via, distance)
                    if other not in reached:
                        reached.add(other)
                        onward.append(other)
            fringe = onward

    def _around(self, note: str, first: bool) -> Iterator[tuple[str, Link, Via]]:
        """The notes next to this one. A selection's own links stand for those of its note."""
        given = self._index.links_of(note)
        if first:
            chosen = self._asking.selection
            inside = [link for link in given if link.target and f"[[{link.target}" in chosen]
            given = inside or given
        for link in given:
            other = self._index.resolver.note(link.target, note)
            if other is not None:
                yield other, link, "embed" if link.embed else "link"
            elif first:
                self._broken.append(link.target)
        for other, link in self._index.backlinks(note):
            yield other, link, "backlink"

    def _follow(self, source: str, other: str, link: Link, via: Via, distance: int) -> None:
        if via == "backlink":
            there = [block for block in self._read(other) if block.first <= link.line < block.last]
        elif link.sub:
            there = _part(self._read(other), link.sub)
        else:
            there = self._best(other)
        if other != source or link.sub:
            self._take(other, there, via, distance)

    def _best(self, note: str) -> list[Block]:
        return self._nearest(self._read(note))

    def _nearest(self, found: list[Block]) -> list[Block]:
        """The blocks that share most words with what is asked, at least the first."""
        told = [block for block in found if block.kind != "heading" and block.text.strip()]
        scored = sorted(told, key=lambda block: (-self._shared(block), block.first))
        return scored[:_OF_A_NOTE]

    def _shared(self, block: Block) -> int:
        return len(self._about & telling(f"{block.heading} {block.text}"))

    def _take(self, note: str, chosen: list[Block], via: Via, distance: int) -> None:
        for block in chosen:
            if not prose(block):
                continue
            rank = (distance, _ORDER.index(via), -self._shared(block), block.first)
            key = (note, block.first)
            if key not in self._found or rank < self._found[key][0]:
                self._found[key] = (rank, passage(note, block, via, distance))

    def _read(self, note: str) -> list[Block]:
        if note not in self._blocks:
            try:
                found = blocks(self._index.vault.read(note))
                # What was answered or found before is no source, nor is a mistake.
                self._blocks[note] = [block for block in found if not is_ours(block)]
            except BadInput:
                self._blocks[note] = []
        return self._blocks[note]


def _part(found: list[Block], sub: str) -> list[Block]:
    """The block `^id`, or what stands under a heading."""
    if sub.startswith("^"):
        return [block for block in found if block.id == sub[1:]]
    wanted = sub.rsplit("#", 1)[-1].strip().lower()
    under = [block for block in found if block.heading.lower() == wanted]
    return [block for block in under if block.kind != "heading"] or under
