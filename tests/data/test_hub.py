"""Data sets of the hub, against a stand-in on loopback that speaks its protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hub_standin import ROW, Stand, online, serving, table
from lemmata.data import hub
from lemmata.data.read import open_sources
from lemmata.data.tally import Tally
from lemmata.errors import BadData, NoNetwork
from lemmata.models.progress import silent
from lemmata.settings import Settings


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    with serving({
        "README.md": b"# Sums",
        "main/train-00000-of-00001.parquet": table(tmp_path, 3),
        "main/test-00000-of-00001.parquet": table(tmp_path, 2),
    }) as made:  # fmt: skip
        yield made


def read(spec: str, using: Settings) -> int:
    tally = Tally()
    return sum(
        len(list(source.samples(tally))) for source in open_sources(spec, using, silent, 0, ())
    )


def test_the_training_files_are_read_and_fetched_once(stand: Stand, tmp_path: Path) -> None:
    using = online(stand, tmp_path)
    assert read("hf:org/sums", using) == 3
    assert read("hf:org/sums", using) == 3
    assert stand.delivered == ["main/train-00000-of-00001.parquet"]


def test_a_folder_pattern_and_a_revision_choose(stand: Stand, tmp_path: Path) -> None:
    stand.revisions["v2"] = {"train.jsonl": (json.dumps(ROW) + "\n").encode() * 5}
    using = online(stand, tmp_path)
    assert read("hf:org/sums:main/test*", using) == 2
    assert read("hf:org/sums@v2", using) == 5


def test_a_script_only_set_is_taken_from_the_converted_files(stand: Stand, tmp_path: Path) -> None:
    converted = {"default/train/0000.parquet": table(tmp_path, 4)}
    stand.revisions = {"main": {"sums.py": b"..."}, "refs/convert/parquet": converted}
    assert read("hf:org/sums", online(stand, tmp_path)) == 4


def test_several_subsets_are_not_mixed(stand: Stand, tmp_path: Path) -> None:
    stand.revisions["main"]["socratic/train-00000-of-00001.parquet"] = table(tmp_path, 1)
    using = online(stand, tmp_path)
    with pytest.raises(BadData, match="several subsets: main, socratic"):
        read("hf:org/sums", using)
    assert read("hf:org/sums:socratic", using) == 1


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("hf:org/none", "no data set org/none"),
        ("hf:org/sums@nowhere", "no such revision"),
        ("hf:org/sums:extra/*", "no data files like 'extra/"),
    ],
)
def test_what_is_not_there_is_said(stand: Stand, tmp_path: Path, spec: str, reason: str) -> None:
    with pytest.raises(BadData, match=reason):
        read(spec, online(stand, tmp_path))


def test_offline_and_a_hub_that_refuses(stand: Stand, tmp_path: Path) -> None:
    using = online(stand, tmp_path)
    with pytest.raises(NoNetwork, match="HF_HUB_OFFLINE"):
        read("hf:org/sums", replace(using, offline=True))
    stand.status = 403
    with pytest.raises(NoNetwork, match="does not answer for org/sums"):
        read("hf:org/sums", using)


def test_a_choice_of_files_leaves_other_splits_alone() -> None:
    names = ["data.jsonl", "test.jsonl", "validation.csv", "dataset_infos.json", "notes.txt"]
    assert hub.choose(names, None, "org/sums") == ["data.jsonl"]
