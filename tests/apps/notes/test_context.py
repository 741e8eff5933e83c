"""The contexts of contexts.json; the Obsidian plugin is held against the same file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lemmata.apps.notes.context import Asking, gather
from lemmata.apps.notes.index import Index
from lemmata.apps.notes.links import plain
from lemmata.apps.notes.prompt import estimate, pack
from lemmata.apps.notes.vault import NOTEBOOK
from lemmata.errors import BadInput

CASES = json.loads((Path(__file__).parent / "contexts.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_contexts(index: Index, case: dict[str, Any]) -> None:
    found = gather(index, Asking(**case["asking"]))
    linked = [one for one in found.passages if one.via != "search"]
    assert [[one.via, one.distance, one.note, one.line] for one in linked] == case["linked"]
    assert list(found.broken) == case["broken"]


def test_the_search_finds_what_no_link_leads_to(index: Index) -> None:
    found = gather(index, Asking("骰子点数的概率是多少？", "Programs.md"))
    assert "概率.md" in {one.note for one in found.passages if one.via == "search"}


def test_a_note_outside_is_refused(index: Index) -> None:
    with pytest.raises(BadInput):
        gather(index, Asking("what?", "../../secret.md"))


def test_the_budget_is_kept_and_passages_are_whole(index: Index) -> None:
    passages = gather(index, Asking("sum of the roots?", "Algebra/Quadratics.md")).passages
    for budget in (0, 30, 60, 150, 100_000):
        packed = pack("sum of the roots?", "", passages, estimate, budget)
        assert packed.tokens <= budget
        assert len(packed.used) + packed.left_out == len(passages)
        for number, passage in enumerate(packed.used, 1):
            assert f"[{number}] ({passage.title}) {plain(passage.text)}" in packed.problem
    assert packed.left_out == 0
    assert pack("根之和？", "x", (), estimate).problem == "关于这段文字：\nx\n\n问题：根之和？"
    with pytest.raises(BadInput, match="empty"):
        pack("  ", "", (), estimate)


def test_a_note_that_everything_links_to_is_not_waited_for(index: Index) -> None:
    for number in range(200):
        (index.vault.root / f"hub{number}.md").write_text(f"[[Quadratics]] [[hub{number + 1}]]")
    index.update()
    found = gather(index, Asking("roots?", "Algebra/Quadratics.md"))
    assert len({one.note for one in found.passages}) < 60
    assert found.passages[0].note == "Algebra/Quadratics.md"


def test_a_program_is_not_run_on_examples_of_others(index: Index) -> None:
    asked = "Write a function `twice(n)` that returns 2n."
    passages = gather(index, Asking(asked, "Programs.md")).passages
    assert any("`fact(3)` returns 6" in one.text for one in passages)
    packed = pack(asked, "", passages, estimate, 100_000)
    assert packed.used
    assert "fact(3)" not in packed.problem
    assert "fact(3)" in pack("What is a factorial?", "", passages, estimate, 100_000).problem


def test_what_we_wrote_ourselves_is_no_source(index: Index) -> None:
    vault = index.vault
    vault.write(f"{NOTEBOOK}/0.md", "The sum of the roots: wrong. [[Quadratics]]", None)
    text = vault.read("Roots of unity.md")
    ours = "> [!lemmata] q\n> - roots answer\n\n> [!failure|lemmata] Step 1\n> roots"
    vault.write("Roots of unity.md", f"{text}\n{ours}\n\n> [!note]\n> the roots, mine\n", text)
    index.update()
    found = gather(index, Asking("sum of the roots?", "Algebra/Quadratics.md"))
    assert NOTEBOOK not in "".join(one.note for one in found.passages)
    said = [one.text for one in found.passages if one.note == "Roots of unity.md"]
    assert any("mine" in text for text in said)
    assert not any("lemmata]" in text for text in said)
