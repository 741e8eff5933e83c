"""The cache of states below the first adapted layer: the same bits, within its bound, then gone."""

from __future__ import annotations

import pytest
import torch

from lemmata.train import base_model, batch, prefix
from lemmata.train.objectives import token_nll
from lemmata.train.recipe import from_fields
from lemmata.train.rows import Row

pytestmark = [pytest.mark.train, pytest.mark.model]

ROWS = [
    Row((1, 2, 3, 10, 11, 40, 41, 2), 5, (0, 1, 1)),
    Row((1, 2, 3, 12, 42, 2), 4, (0, 0)),
    Row((1, 2, 3, 10, 13, 14, 43, 44, 45, 2), 6, (0, 0, 1, 2)),
]
TOKEN = 64 * 4


def recipe_of(**fields):
    return from_fields({"name": "t", "data": "x", "layers": "top-half", "epochs": 2} | fields)


@pytest.fixture(scope="module")
def model(tiny_base):
    model = base_model.load(tiny_base, recipe_of(lora_dropout=0.0))
    for name, parameter in base_model.trainable(model).items():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.05)
    return model.train()


def gradients(model, states, rows=ROWS):
    model.zero_grad()
    packed = batch.pack(rows)
    found = token_nll(states(model, packed, rows, 3), base_model.head(model), packed.labels)
    found.sum().backward()
    return [p.grad.clone() for p in base_model.trainable(model).values()]


def test_it_has_the_gradients_of_the_library(model, tmp_path):
    def reference(model, packed, rows, seed):
        return base_model.reference_states(model, packed)

    ours = prefix.states_of(model, recipe_of(), ROWS, "base", tmp_path)
    for mine, other in zip(gradients(model, ours), gradients(model, reference), strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-3, atol=1e-6)


def test_with_and_without_the_cache_the_gradients_are_the_same_bits(model, tmp_path, monkeypatch):
    kept = prefix.states_of(model, recipe_of(), ROWS, "base", tmp_path)
    none = prefix.states_of(model, recipe_of(cache_gib=0), ROWS, "base", tmp_path)
    assert (kept.cache is None, none.cache is None) == (False, True)
    wanted = gradients(model, none)
    first = gradients(model, kept)
    again = prefix.states_of(model, recipe_of(), ROWS, "base", tmp_path)  # as after a resume
    monkeypatch.setattr(prefix, "pack", None)  # nothing below is computed any more
    for found in (first, gradients(model, kept), gradients(model, again, ROWS)):
        assert all(torch.equal(a, b) for a, b in zip(found, wanted, strict=True))
    other = [ROWS[2], ROWS[0]]  # another pack of the next epoch
    monkeypatch.undo()
    pairs = zip(gradients(model, kept, other), gradients(model, none, other), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_states_that_were_cut_or_changed_are_computed_again(model, tmp_path):
    kept = prefix.states_of(model, recipe_of(), ROWS, "base", tmp_path)
    wanted = gradients(model, kept)
    (file,) = (tmp_path / prefix.CACHE).glob("*.states")
    raw = bytearray(file.read_bytes())
    raw[100:400] = bytes(300)
    file.write_bytes(raw)
    again = prefix.states_of(model, recipe_of(), ROWS, "base", tmp_path)
    assert again.cache.read(ROWS[0]) is None
    assert again.cache.read(ROWS[2]) is not None
    assert all(torch.equal(a, b) for a, b in zip(gradients(model, again), wanted, strict=True))
    assert again.cache.read(ROWS[0]) is not None


def test_its_size_is_bound_and_its_name_says_what_it_is_of(model, tmp_path):
    limit = 15 * TOKEN / prefix.GIB
    kept = prefix.states_of(model, recipe_of(cache_gib=limit), ROWS, "base", tmp_path)
    assert set(kept.cache.places) == {ROWS[0].ids, ROWS[1].ids}
    gradients(model, kept)
    assert kept.cache.read(ROWS[2]) is None
    (file,) = (tmp_path / prefix.CACHE).glob("*.states")
    assert file.stat().st_size == 14 * TOKEN
    prefix.states_of(model, recipe_of(cache_gib=limit), ROWS, "another base", tmp_path)
    prefix.states_of(model, recipe_of(cache_gib=limit), ROWS[1:], "base", tmp_path)
    assert len(list((tmp_path / prefix.CACHE).glob("*.states"))) == 3
    prefix.forget(tmp_path)
    assert not list(tmp_path.iterdir())


def test_all_layers_or_one_epoch_keep_nothing(tiny_base, model, tmp_path):
    plain = base_model.load(tiny_base, recipe_of(layers="all"))
    assert prefix.states_of(plain, recipe_of(), ROWS, "base", tmp_path) is prefix.run_all
    assert prefix.states_of(model, recipe_of(epochs=1), ROWS, "base", tmp_path).cache is None
    assert not list(tmp_path.iterdir())
