"""A block of a note as it is shown to the model and cited."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Literal

from lemmata.apps.notes.blocks import Block, name_of, prose

Via = Literal["selection", "note", "embed", "link", "backlink", "search"]


@dataclass(frozen=True, slots=True)
class Passage:
    """`target` is what a wiki link to it says; `via` how it was found, `distance` over how many
    links. `line` is its first in the note, counted from 0."""

    note: str
    target: str
    heading: str
    text: str
    via: Via
    distance: int = 0
    line: int = 0

    @property
    def title(self) -> str:
        """For people and the model: note and heading."""
        name = posixpath.basename(self.note).removesuffix(".md")
        return f"{name} > {self.heading}" if self.heading and self.heading != name else name


def passage(note: str, block: Block, via: Via, distance: int) -> Passage:
    """The block of a note as a passage."""
    return Passage(
        note, target(note, block), block.heading, prose(block), via, distance, block.first
    )


def target(note: str, block: Block) -> str:
    """What a link to the block says: `Folder/Note#^id`, for a heading `Folder/Note#Heading`."""
    path = note.removesuffix(".md")
    if block.kind == "heading":
        return f"{path}#{block.heading}"
    return f"{path}#^{name_of(block)}"
