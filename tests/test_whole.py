"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lemmata import whole


def test_text_bytes_and_mode(tmp_path: Path) -> None:
    path = tmp_path / "told.json"
    whole.write(path, "六\n")
    assert path.read_bytes() == "六\n".encode()
    whole.write(path, b"\xff", mode=0o600)
    assert path.read_bytes() == b"\xff"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def break_off(path: Path) -> None:
    with whole.beside(path) as new:
        new.write_text("hal")
        assert new.suffix == ".json"
        assert path.read_text() == "old"
        raise ValueError("half")


def test_what_fails_leaves_what_stood_there(tmp_path: Path) -> None:
    path = tmp_path / "told.json"
    path.write_text("old")
    with pytest.raises(ValueError, match="half"):
        break_off(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_fills_leaves_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        whole.write(tmp_path / "told.json", "new")
    assert list(tmp_path.iterdir()) == []
