"""torch and libllama compute the same: logits of the same tokens, converted either way.

A tolerance is the largest difference of any logit over the spread (standard deviation) of the
logits, and the least share of positions whose most probable token is the same. Random weights
over 151,936 near-equal tokens are harder on the second than a trained model.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import tokenizers

from lemmata.errors import ModelRefused
from lemmata.models import architecture_gguf, gguf_read, gguf_to_hf, hf_to_gguf
from lemmata.models.gguf_metadata import About
from models import libllama, qwen
from models.texts import NASTY

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytestmark = pytest.mark.train

ABOUT = About("test", "Org/Test", "MIT")


class Tolerance(NamedTuple):
    largest: float
    top: float


RANDOM = {
    "f32": Tolerance(1e-4, 1.0),
    "f16": Tolerance(0.05, 0.97),
    "bf16": Tolerance(0.6, 0.9),
    "q8_0": Tolerance(1.0, 0.8),
}
TRAINED = {
    "f32": Tolerance(1e-4, 1.0),
    "f16": Tolerance(0.03, 0.98),
    "q8_0": Tolerance(0.6, 0.93),
    "q4_1": Tolerance(0.5, 0.93),
}


def _ids(folder: Path) -> list[int]:
    text = " ".join(NASTY[name] for name in ("english", "chinese", "latex", "code"))
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    return tokenizer.encode(text, add_special_tokens=False).ids[:128]


def _torch_logits(folder: Path) -> np.ndarray:
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    with torch.no_grad():
        return model(torch.tensor([_ids(folder)])).logits[0].numpy()


def _assert_alike(gguf: Path, folder: Path, expected: np.ndarray, tolerance: Tolerance) -> None:
    with libllama.opened(gguf) as model:
        found = model.logits(_ids(folder))
    largest = np.abs(found - expected).max() / expected.std()
    top = (found.argmax(1) == expected.argmax(1)).mean()
    assert largest <= tolerance.largest
    assert top >= tolerance.top


def _write(folder: Path, tokenizer: dict[str, object], **options: object) -> Path:
    qwen.write_tokenizer(tokenizer, folder)
    qwen.write_model(folder, **options)
    return folder


@pytest.fixture(scope="module", params=[True, False], ids=["tied", "untied"])
def qwen2(request, qwen_tokenizer, tmp_path_factory):
    """Biases on q, k, v; two key-value heads for four; the real tokenizer."""
    folder = _write(tmp_path_factory.mktemp("m") / "m", qwen_tokenizer, tied=request.param)
    return folder, _torch_logits(folder)


@pytest.mark.parametrize("precision", RANDOM)
def test_qwen2_to_gguf(qwen2, precision, tmp_path):
    folder, expected = qwen2
    gguf = tmp_path / "m.gguf"
    hf_to_gguf.convert(folder, gguf, precision, ABOUT)
    _assert_alike(gguf, folder, expected, RANDOM[precision])


def test_qwen2_there_and_back(qwen2, tmp_path):
    folder, expected = qwen2
    hf_to_gguf.convert(folder, tmp_path / "m.gguf", "f32", ABOUT)
    back = tmp_path / "back"
    back.mkdir()
    assert gguf_to_hf.convert(tmp_path / "m.gguf", back) == "F32"
    assert _ids(back) == _ids(folder)
    np.testing.assert_array_equal(_torch_logits(back), expected)


SCALINGS = {
    "linear": {"rope_type": "linear", "factor": 4.0},
    "yarn": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64},
    "llama3": {
        "rope_type": "llama3",
        "factor": 32.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    },
}


CASES = [("Qwen2", "linear"), ("Qwen2", "yarn"), *(("Llama", scaling) for scaling in SCALINGS)]


@pytest.mark.parametrize(("family", "scaling"), CASES)
def test_stretched_rotary_embeddings(family, scaling, small_tokenizer, tmp_path):
    options = {"attention_bias": True, "mlp_bias": True} if family == "Llama" else {}
    stretched = SCALINGS[scaling]
    folder = _write(
        tmp_path / "m", small_tokenizer, family=family, rows=2_048, scaling=stretched, **options
    )
    gguf, expected = tmp_path / "m.gguf", _torch_logits(folder)
    hf_to_gguf.convert(folder, gguf, "f32", ABOUT)
    _assert_alike(gguf, folder, expected, RANDOM["f32"])
    found = architecture_gguf.architecture(gguf_read.validated(gguf)).rope_scaling
    assert found is not None
    assert (found.type, found.factor) == (scaling, stretched["factor"])
    back = tmp_path / "back"
    back.mkdir()
    gguf_to_hf.convert(gguf, back)
    np.testing.assert_allclose(_torch_logits(back), expected, atol=1e-5)


def test_what_libllama_would_ignore_is_refused(small_tokenizer, tmp_path):
    """Its qwen2 graph reads no rope_freqs."""
    folder = _write(tmp_path / "m", small_tokenizer, rows=2_048, scaling=SCALINGS["llama3"])
    with pytest.raises(ModelRefused, match="llama3"):
        hf_to_gguf.convert(folder, tmp_path / "m.gguf", "f32", ABOUT)


@pytest.fixture(scope="module")
def smollm(default_hf_dir):
    return default_hf_dir, _torch_logits(default_hf_dir)


@pytest.mark.model
@pytest.mark.parametrize("precision", ["q4_1", "q8_0"])
def test_the_default_model_as_it_came_and_as_it_is_served(model_store, smollm, precision):
    folder, expected = smollm
    gguf = model_store.get(f"smollm2-135m:{precision}").gguf
    _assert_alike(gguf, folder, expected, TRAINED[precision])


@pytest.mark.model
@pytest.mark.parametrize("precision", ["f32", "f16", "q8_0"])
def test_the_default_model_there_and_back(smollm, precision, tmp_path):
    folder, expected = smollm
    gguf = tmp_path / "m.gguf"
    hf_to_gguf.convert(folder, gguf, precision, ABOUT)
    _assert_alike(gguf, folder, expected, TRAINED[precision])


@pytest.mark.model
def test_no_weight_of_the_default_model_changes_on_the_way(model_store, default_hf_dir, tmp_path):
    published = model_store.get("smollm2-135m:q4_1").gguf
    hf_to_gguf.convert(default_hf_dir, tmp_path / "m.gguf", "f32", ABOUT)
    before, after = (gguf_read.validated(path) for path in (published, tmp_path / "m.gguf"))
    shape = architecture_gguf.architecture(before)
    assert architecture_gguf.architecture(after) == shape
    assert set(after.tensors) == set(before.tensors)
    for name in before.tensors:
        old, new = (
            np.concatenate([part.ravel() for part in gguf_to_hf.load(header, shape, name)])
            for header in (before, after)
        )
        np.testing.assert_array_equal(new, old, name)
