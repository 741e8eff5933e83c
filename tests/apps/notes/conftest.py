"""A copy of the fixture vault that a test may change."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lemmata.apps.notes.index import Index
from lemmata.apps.notes.vault import Vault

HERE = Path(__file__).parent


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    shutil.copytree(HERE / "vault", tmp_path / "vault")
    return Vault(tmp_path / "vault")


@pytest.fixture
def index(vault: Vault, tmp_path: Path) -> Iterator[Index]:
    with Index(vault, tmp_path / "cache") as made:
        made.update()
        yield made
