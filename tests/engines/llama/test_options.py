"""What a person can set reaches the engine, and works on real weights."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from lemmata import settings
from lemmata.adapters import canonical
from lemmata.adapters.manifest import Manifest
from lemmata.engines.base import GREEDY, Request, complete
from lemmata.engines.llama import LlamaEngine, Options
from lemmata.errors import BadInput
from lemmata.models import gguf_header


def test_the_environment_sets_cells_cache_and_layers(monkeypatch):
    assert (settings.load().cells, settings.load().kv, settings.load().gpu_layers) == (
        16_384,
        "f16",
        -1,
    )
    for name, value in (("CELLS", "4096"), ("KV", "q8_0"), ("GPU_LAYERS", "0")):
        monkeypatch.setenv(f"LEMMATA_{name}", value)
    found = settings.load()
    assert (found.cells, found.kv, found.gpu_layers) == (4096, "q8_0", 0)


@pytest.mark.parametrize(
    ("name", "value"), [("CELLS", "-1"), ("KV", "q4_0"), ("GPU_LAYERS", "some")]
)
def test_what_means_nothing_is_refused(monkeypatch, name, value):
    monkeypatch.setenv(f"LEMMATA_{name}", value)
    with pytest.raises(BadInput, match=f"LEMMATA_{name}"):
        settings.load()


def first_layer_adapter(folder, gguf, size):
    """Rank 2 on the first layer's q_proj; `size` 0 changes nothing."""
    rows, columns = gguf_header.read(gguf).tensors["blk.0.attn_q.weight"].shape
    draw = np.random.default_rng(0)
    key = "base_model.model.model.layers.0.self_attn.q_proj"
    tensors = {
        f"{key}.lora_A.weight": draw.normal(0, 0.1, (2, columns)),
        f"{key}.lora_B.weight": draw.normal(0, size, (rows, 2)),
    }
    return canonical.save(folder, tensors, rank=2, alpha=2, about=Manifest())


@pytest.mark.model
@pytest.mark.parametrize("kv", ["f16", "q8_0"])
def test_real_weights_with_either_cache(default_model, tmp_path, kv):
    options = Options(threads=1, cells=512, running=4, sequences=8, chunk=64, kv=kv, gpu_layers=0)

    async def scenario():
        engine = LlamaEngine(default_model.gguf, "m", "", tmp_path, options)
        try:
            prompt, sampling = "The capital of France is", replace(GREEDY, max_tokens=32)
            text = (await complete(engine, Request("r", prompt, None, sampling))).text
            assert "Paris" in text
            nothing = first_layer_adapter(tmp_path / "nothing", default_model.gguf, 0.0)
            await engine.load_adapter(nothing)
            same = await complete(engine, Request("r", prompt, "nothing", sampling))
            assert same.text == text
            noisy = first_layer_adapter(tmp_path / "noisy", default_model.gguf, 50.0)
            await engine.load_adapter(noisy)
            weak = await complete(engine, Request("r", prompt, "noisy", sampling, 0.0))
            assert weak.text == text
            other = await complete(engine, Request("r", prompt, "noisy", sampling))
            assert other.text != text
        finally:
            await engine.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("sizes", [{"chunk": 16}, {"sequences": 31}, {"running": 0}])
def test_sizes_that_do_not_fit_together_are_refused(sizes):
    with pytest.raises(BadInput, match="at once"):
        Options(**sizes)
