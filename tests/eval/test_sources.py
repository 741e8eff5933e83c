"""Rows from the hub, against a stand-in on loopback that speaks its protocol."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.conftest import run_of
from hub_standin import Stand, online, serving, table
from lemmata.errors import BadData, MissingExtra, NoNetwork
from lemmata.eval import sources
from lemmata.settings import Settings

MINE = "title = 'Sums'\nlanguages = ['en']\n[full]\nrows = 'hf:org/sums:main/test-*'\n"
PAIRED = """
title = 'Sums twice'
[full.rows]
en = 'hf:org/sums:main/test-*'
zh = 'hf:org/sums:main/train-*'
"""


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    with serving({
        "main/train-00000-of-00001.parquet": table(tmp_path, 2),
        "main/test-00000-of-00001.parquet": table(tmp_path, 2),
    }) as made:  # fmt: skip
        yield made


def declared(text: str, tmp_path: Path) -> str:
    path = tmp_path / "sums.toml"
    path.write_text(text)
    return str(path)


def test_the_test_files_are_fetched_once_and_read(stand: Stand, tmp_path: Path) -> None:
    for _ in range(2):
        run = run_of(declared(MINE, tmp_path), online(stand, tmp_path))
        assert [item.gold for item in run.items] == ["4", "4"]
    assert stand.delivered == ["main/test-00000-of-00001.parquet"]


def test_one_source_a_language_makes_pairs(stand: Stand, tmp_path: Path) -> None:
    run = run_of(declared(PAIRED, tmp_path), online(stand, tmp_path))
    assert [(item.pair, item.language) for item in run.items] == [
        ("0", "en"), ("0", "zh"), ("1", "en"), ("1", "zh"),
    ]  # fmt: skip


def test_by_address_alone(stand: Stand, tmp_path: Path) -> None:
    assert len(run_of("hf:org/sums:main/test-*", online(stand, tmp_path)).items) == 2


def test_a_repository_that_is_not_there(stand: Stand, tmp_path: Path) -> None:
    with pytest.raises(BadData, match="no data set org/none"):
        run_of("hf:org/none", online(stand, tmp_path))


def test_without_a_network_the_extract_is_proposed(settings: Settings) -> None:
    with pytest.raises(NoNetwork, match="--quick"):
        run_of("gsm8k", settings)


def test_a_package_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingExtra, match=r"lemmata\[eval\]"):
        sources._package("no_such_package")
