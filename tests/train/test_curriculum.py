"""Difficulty: read from what `data prepare` wrote, or measured by the base and kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from lemmata.data import order
from lemmata.data.read import sha256
from lemmata.errors import BadData, BadRecipe
from lemmata.models.progress import silent
from lemmata.train import base_model, curriculum
from lemmata.train.recipe import from_fields
from lemmata.train.rows import Row
from lemmata.train.samples import Samples

pytestmark = pytest.mark.train

ROWS = (Row((5, 300, 17, 9000), 2, (0, 1)), Row((7, 8, 9), 1, (0, 0)), Row((4, 40, 400), 2, (0,)))


def samples(path: Path | None = None, rows=ROWS) -> Samples:
    name = str(path)
    about = {"sources": [{"source": name, "sha256": sha256(path)} if path else {"source": name}]}
    return Samples(rows, about, "f" * 64, {name: range(len(rows))}, frozenset())


def of(recipe_order, given, folder, model=None):
    recipe = from_fields({"name": "mine", "data": "a", "order": recipe_order})
    return curriculum.of(recipe, given, model, folder, silent)


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    path = tmp_path / "train.jsonl"
    path.write_text("three rows")
    made = order.Order.of(sha256(path), "nll", [0.3, 0.1, 0.2], 7)
    (tmp_path / order.FILE).write_text(made.to_json())
    return path


def test_no_order_has_no_difficulty(tmp_path):
    assert of("shuffled", samples(), tmp_path) is None


def test_the_order_beside_the_data_is_taken(prepared, tmp_path):
    assert of("file", samples(prepared), tmp_path / "run") == (0.3, 0.1, 0.2)


def test_an_order_of_other_rows_or_none_is_refused(prepared, tmp_path):
    given = samples(prepared)
    prepared.with_name(order.FILE).write_text(
        order.Order.of("0" * 64, "nll", [0.3, 0.1, 0.2], 7).to_json()
    )
    with pytest.raises(BadData, match="orders other data"):
        of("file", given, tmp_path)
    prepared.with_name(order.FILE).unlink()
    with pytest.raises(BadRecipe, match="Say order=nll"):
        of("file", given, tmp_path)


@pytest.mark.model
def test_the_base_measures_its_own_nll_and_a_resumed_run_reads_it(tiny_base, tmp_path):
    from transformers import LlamaForCausalLM

    recipe = from_fields({"name": "mine", "data": "a", "base": str(tiny_base)})
    found = of("nll", samples(), tmp_path, base_model.load(tiny_base, recipe))
    plain = LlamaForCausalLM.from_pretrained(tiny_base, dtype=torch.float32).eval()
    for row, value in zip(ROWS, found, strict=True):
        with torch.no_grad():
            full = torch.log_softmax(plain(torch.tensor([row.ids])).logits[0], -1)
        told = [-float(full[at - 1, row.ids[at]]) for at in range(row.start, len(row.ids))]
        assert value == pytest.approx(sum(told) / len(told), abs=1e-4)
    kept = tmp_path / curriculum.FILE
    fields = json.loads(kept.read_text())
    kept.write_text(json.dumps(fields | {"difficulty": [1.0, 2.0, 3.0]}))
    assert of("nll", samples(), tmp_path) == (1.0, 2.0, 3.0)
