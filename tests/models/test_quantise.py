"""libllama's quantiser: smaller files that still compute the same to a stated tolerance."""

from __future__ import annotations

import numpy as np
import pytest

from lemmata.errors import BadInput, ModelRefused
from lemmata.models import gguf_read, hf_to_gguf
from lemmata.models.gguf_metadata import About
from lemmata.models.quantise import quantise
from models import libllama
from models.texts import NASTY

pytestmark = pytest.mark.model
TEXT = " ".join(NASTY[name] for name in ("english", "latex", "code", "numbers"))
TOLERANCE = {"q8_0": 0.9, "q4_k_m": 0.75}
"""Least share of positions of TEXT where the most probable next token is the same."""


@pytest.fixture(scope="module")
def half(default_hf_dir, tmp_path_factory):
    path = tmp_path_factory.mktemp("half") / "smollm.f16.gguf"
    hf_to_gguf.convert(default_hf_dir, path, "f16", About("smollm", "Org/SmolLM"))
    with libllama.opened(path) as model:
        return path, model.logits(model.ids(TEXT))


@pytest.mark.parametrize("quant", TOLERANCE)
def test_the_default_model_in_less_space(half, quant, tmp_path):
    source, expected = half
    target, seen = tmp_path / "m.gguf", []
    quantise(source, target, quant, 2, lambda stage, done, total: seen.append((done, total)))
    assert gguf_read.quantisation(gguf_read.validated(target)) == quant
    assert target.stat().st_size < 0.6 * source.stat().st_size
    assert seen[-1] == (272, 272)
    with libllama.opened(target) as model:
        found = model.logits(model.ids(TEXT))
    assert np.mean(found.argmax(1) == expected.argmax(1)) >= TOLERANCE[quant]


def test_an_unknown_quantisation(half, tmp_path):
    with pytest.raises(BadInput, match="q4_k_m"):
        quantise(half[0], tmp_path / "m.gguf", "q3_x", 1)


def test_what_libllama_declines(tmp_path):
    (tmp_path / "broken.gguf").write_bytes(b"nothing")
    with pytest.raises(ModelRefused, match="cannot bring"):
        quantise(tmp_path / "broken.gguf", tmp_path / "m.gguf", "q8_0", 1)
