from __future__ import annotations

from lemmata.apps.notes.context import Asking, gather
from lemmata.apps.notes.index import Index
from lemmata.apps.notes.placing import name_blocks, placed

CALLOUT = "> [!lemmata] q\n> - ✓ 2 + 2 = 4.\n"


def test_an_answer_goes_behind_the_block_that_was_asked_about() -> None:
    text = "Before.\n\nAsked here\nand there.\n\nAfter.\n"
    assert placed(text, CALLOUT, "Asked") == (
        f"Before.\n\nAsked here\nand there.\n\n{CALLOUT}\nAfter.\n"
    )
    assert placed(text, CALLOUT, "gone") == f"{text}\n{CALLOUT}"
    assert placed("", CALLOUT, "") == CALLOUT
    code = "```python\nx = 1\n\ny = 2\n```\n\nEnd."
    assert placed(code, CALLOUT, "x = 1").startswith(f"{code[:-6]}\n\n{CALLOUT}")


def test_cited_blocks_get_their_ids_and_changed_ones_are_told(index: Index) -> None:
    asking = Asking("What is the sum of the roots?", "Algebra/Quadratics.md")
    passages = gather(index, asking).passages
    vault = index.vault
    before = {one.note: vault.read(one.note) for one in passages}
    assert name_blocks(vault, passages, range(len(passages))) == []
    for one in passages:
        name = one.target.partition("#^")[2]
        assert f"^{name}" in vault.read(one.note)
        assert vault.read(one.note).replace(f" ^{name}", "") != ""
    assert name_blocks(vault, passages, range(len(passages))) == [], "again, nothing changes"
    again = {note: vault.read(note) for note in before}
    assert all(len(again[note]) >= len(before[note]) for note in before)
    vault.write("Roots of unity.md", "Other words.\n", again["Roots of unity.md"])
    missed = name_blocks(vault, passages, range(len(passages)))
    assert set(missed) == {"Roots of unity.md"}
    assert vault.read("Roots of unity.md") == "Other words.\n"
