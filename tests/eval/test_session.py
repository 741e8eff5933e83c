"""`lemmata.evaluate`: from a name to a report, in one call."""

from __future__ import annotations

from pathlib import Path

import pytest

import lemmata
from lemmata.errors import BadInput, UnknownAdapter


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEMMATA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "boxes.jsonl"
    path.write_text(
        '{"problem": "\\\\boxed{4}", "answer": "4"}\n{"problem": "\\\\boxed{5}", "answer": "6"}\n'
    )
    return path


def test_a_named_model(rows: Path, home: Path) -> None:
    report = lemmata.evaluate(rows, "echo", role="none")
    assert report.complete
    assert report.cells[0].accuracy.value == 0.5
    assert report.folder.parent == home / "evals"
    assert (report.folder / "report.html").exists()
    assert report.as_json()["cells"][0]["pass_at"]["1"]["value"] == 0.5


def test_an_open_engine_and_a_folder_that_is_gone_on_with(rows: Path, tmp_path: Path) -> None:
    with lemmata.open_engine("echo") as engine:
        first = lemmata.evaluate(rows, engine, role=["none"], out=tmp_path / "run")
        again = lemmata.evaluate(rows, engine, role=["none"], out=tmp_path / "run")
    assert first.as_json() == again.as_json()
    assert not first.run.model.exact


def test_what_is_proposed_may_be_missing_and_what_is_asked_for_may_not(tmp_path: Path) -> None:
    report = lemmata.evaluate("counting", "echo", limit=2, out=tmp_path / "run")
    assert {cell.cell.adapter for cell in report.cells} == {"base"}
    with pytest.raises(UnknownAdapter, match="counting"):
        lemmata.evaluate("counting", "echo", limit=2, adapter="counting", out=tmp_path / "other")


def test_a_wish_that_there_is_not() -> None:
    with pytest.raises(BadInput, match="'roles'"):
        lemmata.evaluate("counting", "echo", roles=["math"])
