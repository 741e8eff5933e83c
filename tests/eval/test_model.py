"""The default model itself: exact identity, an adapter beside the base, one cache for two runs."""

from __future__ import annotations

from pathlib import Path

import pytest

import lemmata
from lemmata.models.stored import StoredModel

COUNTING = Path(__file__).parents[2] / "examples" / "adapters" / "counting"


@pytest.mark.model
def test_the_default_model_and_its_cache(
    default_model: StoredModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEMMATA_HOME", str(tmp_path))
    wish = {"adapter": "base", "language": "en", "limit": 3, "max_tokens": 12}
    model = str(default_model.gguf)
    first = lemmata.evaluate("counting", model, out=tmp_path / "a", **wish)
    second = lemmata.evaluate("counting", model, out=tmp_path / "b", **wish)
    assert first.run.model.weights == default_model.sha256
    assert len(first.run.model.template) == 64
    assert first.cells[0].tokens == 36
    assert first.cells[0].truncated.value == 1
    made = [(tmp_path / name / "predictions.jsonl").read_text() for name in ("a", "b")]
    assert sorted(made[0].splitlines()) == sorted(made[1].splitlines())
    assert second.as_json() == first.as_json()


@pytest.mark.model
def test_an_adapter_beside_the_base(
    default_model: StoredModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEMMATA_HOME", str(tmp_path))
    with lemmata.open_engine(default_model.gguf) as engine:
        ref = engine.load_adapter(COUNTING)
        report = lemmata.evaluate("counting", engine, language="en", limit=2, out=tmp_path / "run")
    assert report.run.adapters == {"counting": ref.sha256}
    assert [cell.cell.adapter for cell in report.cells] == ["base", "counting"]
    assert report.cells[1].accuracy.value > report.cells[0].accuracy.value
    assert [contrast.axis for contrast in report.contrasts] == ["adapter"]
