"""Where an answer goes, and the ids of the blocks that it cites."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lemmata.apps.notes.blocks import blocks, name_of, with_id
from lemmata.apps.notes.passage import Passage
from lemmata.apps.notes.vault import Vault
from lemmata.errors import BadInput


def placed(text: str, callout: str, selection: str) -> str:
    """The note with the callout behind the block where the selection ends, else at its end."""
    at = text.rfind(selection.strip()) if selection.strip() else -1
    lines = text.split("\n")
    last = len(lines)
    if at >= 0:
        line = text.count("\n", 0, at + len(selection.strip()))
        last = next((block.last for block in blocks(text) if line < block.last), len(lines))
    head, tail = "\n".join(lines[:last]).rstrip("\n"), "\n".join(lines[last:]).lstrip("\n")
    joined = f"{head}\n\n{callout}" if head else callout
    return f"{joined}\n{tail}" if tail else joined


def name_blocks(vault: Vault, passages: Sequence[Passage], cited: Iterable[int]) -> list[str]:
    """Write the ids of cited blocks that have none yet; gives the notes in which that was not
    possible any more, because the block is no longer what it was."""
    missed = []
    for passage in (passages[number] for number in cited):
        wanted = passage.target.partition("#^")[2]
        if not wanted:
            continue
        try:
            text = vault.read(passage.note)
            block = next((one for one in blocks(text) if name_of(one) == wanted), None)
            if block is None:
                missed.append(passage.note)
            elif not block.id:
                vault.write(passage.note, with_id(text, block), text)
        except BadInput:
            missed.append(passage.note)
    return missed
