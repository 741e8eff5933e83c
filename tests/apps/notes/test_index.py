from __future__ import annotations

import os
from pathlib import Path

from lemmata.apps.notes.index import Index
from lemmata.apps.notes.vault import Vault
from lemmata.apps.notes.words import words


def test_chinese_is_segmented() -> None:
    assert "贝叶斯" in words("贝叶斯定理")
    assert {"二次", "方程", "二次方程"} <= set(words("二次方程的根"))
    assert words("Größe_x2 und 3,5") == ["größe", "x2", "und", "3", "5"]


def test_search_ranks_by_bm25(index: Index) -> None:
    assert index.search("discriminant")[0][0] == "Algebra/Discriminant.md"
    assert index.search("条件概率")[0][0] == "概率.md"
    assert index.search("formula")[0][0] == "Algebra/Quadratics.md", "stems are one word"
    assert index.search('the of "') == []
    assert index.search("") == []
    assert index.search("x' OR 1 NEAR * ( ) : ^ -\"") == index.search("x 1 near")


def test_only_changed_content_is_indexed_again(index: Index) -> None:
    root = index.vault.root
    assert index.update().changed == 0
    note = root / "Roots of unity.md"
    os.utime(note, ns=(1, 1))
    assert index.update().changed == 0, "touched, with the same content"
    note.write_text("# Roots of unity\n\nNow about hexagons. [[Programs]]\n", encoding="utf-8")
    (root / "概率.md").unlink()
    (root / "new.md").write_text("hexagons as well", encoding="utf-8")
    updated = index.update()
    assert (updated.notes, updated.changed, updated.removed) == (7, 2, 1)
    assert {path for path, _ in index.search("hexagons")} == {"Roots of unity.md", "new.md"}
    assert index.search("骰子") == []
    assert [path for path, _ in index.backlinks("Programs.md")] == ["Roots of unity.md"]


def test_an_unreadable_note_leaves_the_index(index: Index) -> None:
    (index.vault.root / "Programs.md").write_bytes(b"\xff\xfe largest")
    updated = index.update()
    assert [one.path for one in updated.skipped] == ["Programs.md"]
    assert index.search("factorial") == []


def test_a_stopped_update_goes_on(vault: Vault, tmp_path: Path) -> None:
    for number in range(1200):
        (vault.root / f"n{number}.md").write_text(f"word{number}")

    class Stop(Exception):
        pass

    def stop(stage: str, done: int, total: int | None) -> None:
        raise Stop

    try:
        with Index(vault, tmp_path / "cache") as index:
            index.update(stop)
    except Stop:
        pass
    with Index(vault, tmp_path / "cache") as index:
        updated = index.update()
        assert updated.changed == updated.notes - 500
        assert index.search("word1199") != []


def test_a_damaged_index_is_made_anew(vault: Vault, tmp_path: Path) -> None:
    with Index(vault, tmp_path / "cache") as index:
        index.update()
    (file,) = (tmp_path / "cache").glob("*.db")
    file.write_bytes(b"no database at all" * 100)
    with Index(vault, tmp_path / "cache") as index:
        assert index.update().changed == 7
