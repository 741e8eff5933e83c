from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from lemmata.apps.notes.index import Index
from lemmata.apps.notes.vault import LARGEST, Vault
from lemmata.errors import BadInput


def test_what_leads_outside_or_cannot_be_read_is_left_alone(vault: Vault, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("secret words")
    (vault.root / "link.md").symlink_to(outside / "secret.md")
    (vault.root / "folder").symlink_to(outside)
    (vault.root / "broken.md").symlink_to(vault.root / "nowhere.md")
    (vault.root / "loop.md").symlink_to(vault.root / "loop.md")
    (vault.root / "latin.md").write_bytes(b"caf\xe9")
    (vault.root / "large.md").write_bytes(b"x" * (LARGEST + 1))
    (vault.root / ".hidden").mkdir()
    (vault.root / ".hidden" / "a.md").write_text("hidden")
    with Index(vault, tmp_path / "cache") as index:
        updated = index.update()
        assert index.search("secret hidden") == []
    assert {one.path: one.reason for one in updated.skipped} == {
        "folder": "a link to another folder is not followed",
        "link.md": "the link leads out of the folder",
        "broken.md": "the link is broken",
        "loop.md": "the link is broken",
        "large.md": "it is larger than 4 MiB",
        "latin.md": "not UTF-8 text",
    }
    for note in ("link.md", "../outside/secret.md", str(outside / "secret.md")):
        with pytest.raises(BadInput, match="lies outside"):
            vault.read(note)
    with pytest.raises(BadInput, match="outside"):
        vault.write("folder/new.md", "x", None)
    assert list(outside.iterdir()) == [outside / "secret.md"]


def test_a_note_that_changed_is_not_overwritten(vault: Vault) -> None:
    before = vault.read("Programs.md")
    (vault.root / "Programs.md").write_text("someone else's words")
    with pytest.raises(BadInput, match="changed meanwhile"):
        vault.write("Programs.md", "mine", before)
    assert vault.read("Programs.md") == "someone else's words"
    with pytest.raises(BadInput, match="cannot be made"):
        vault.write("Programs.md", "mine", None)
    assert [path.name for path in vault.root.glob(".Programs-*")] == []


def test_line_ends_and_mode_are_kept(vault: Vault) -> None:
    path = vault.root / "dos.md"
    path.write_bytes(b"one\r\ntwo\r\n")
    path.chmod(0o600)
    vault.write("dos.md", vault.read("dos.md") + "three\r\n", "one\r\ntwo\r\n")
    assert path.read_bytes() == b"one\r\ntwo\r\nthree\r\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_single_note_is_a_vault(vault: Vault) -> None:
    alone = Vault(vault.root / "Programs.md")
    assert (alone.root, alone.only) == (vault.root, "Programs.md")
    (vault.root / ".obsidian").mkdir()
    inside = Vault(vault.root / "Algebra" / "Quadratics.md")
    assert (inside.root, inside.only) == (vault.root, "Algebra/Quadratics.md")
    with pytest.raises(BadInput, match="no folder"):
        Vault(vault.root / "none")


def test_a_folder_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "open.md").write_text("seen")
    (tmp_path / "closed").mkdir()
    looked = os.scandir

    def scandir(path: str) -> Any:  # who runs the tests may be allowed to read everything
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return looked(path)

    monkeypatch.setattr(os, "scandir", scandir)
    vault = Vault(tmp_path)
    assert [found.path for found in vault.notes()] == ["open.md"]
    (left,) = vault.skipped
    assert (left.path, left.reason) == ("closed", "the folder cannot be read: Permission denied")
