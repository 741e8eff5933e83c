"""torch and libllama compute the same: the tiny model in full, and a part of bench/parity.py."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from engines import tiny_model
from lemmata import settings
from lemmata.engines import open_engine
from lemmata.engines.base import GREEDY, Request, complete
from lemmata.engines.llama import LlamaEngine, Options
from lemmata.models import gguf_to_hf
from lemmata.types import Message

pytestmark = pytest.mark.train
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def parity():
    """The bench, as a module."""
    spec = importlib.util.spec_from_file_location("bench_parity", ROOT / "bench" / "parity.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_the_tiny_model_on_every_adapter_and_strength(parity, tmp_path):
    """Weights are float32 in both, and so are the keys and values that torch keeps."""
    from lemmata.engines.torch import TorchEngine

    gguf = tiny_model.write(tmp_path / "tiny.gguf")
    folder = tmp_path / "hf"
    folder.mkdir()
    gguf_to_hf.convert(gguf, folder)
    options = Options(threads=1, cells=1024, context=256, running=4, sequences=8, chunk=64)
    llama = LlamaEngine(gguf, "tiny", tiny_model.BASE, tmp_path, options)
    torch = TorchEngine.open(folder, "tiny", tiny_model.BASE, threads=1, context=256)
    asyncio.run(_tiny(parity, llama, torch, tmp_path))


async def _tiny(parity, llama, torch, folder):
    refs = [tiny_model.adapter(folder / name, seed, 0.3) for seed, name in enumerate("ab")]
    for engine in (llama, torch):
        for ref in refs:
            await engine.load_adapter(ref)
    asked = [("tiny", f"{n} and {n * n} 你好") for n in range(6)]
    for adapter in (None, "a", "b", "a", None):
        texts = await parity.write(llama, asked, adapter, 8)
        found = await parity.compare(torch, texts, adapter)
        assert found.agrees(parity.TOLERANCE["f32"]), found
        assert found.same >= len(asked) // 2
    prompt = (Message("user", "what is strong?"),)
    sampling = replace(GREEDY, max_tokens=8, logprobs=1)
    for strength in (0.5, -0.5, 2.0):
        asked_at = Request("r", prompt, "a", sampling, strength=strength)
        one, two = await complete(llama, asked_at), await complete(torch, asked_at)
        assert one.text == two.text
    ids = torch.prompt_ids(prompt)
    assert ids == llama.prompt_ids(prompt)
    for adapter in (None, "b"):
        scores = await llama.score(ids, adapter), await torch.score(ids, adapter)
        assert scores[0] == pytest.approx(scores[1], abs=parity.TOLERANCE["f32"])
    await llama.close()
    await torch.close()


@pytest.mark.model
def test_the_default_model_with_and_without_an_adapter(
    parity, default_model, default_hf_dir, lemmata_home, tmp_path
):
    """Some prompts of each kind in F16, with fewer tokens, and real greedy decoding in torch."""
    from lemmata.adapters import canonical

    gguf = parity.gguf_of(default_hf_dir, tmp_path / "f16.gguf", "f16", default_model.id)
    home = replace(settings.load(), home=lemmata_home, threads=2)
    torch = open_engine("smollm2-135m", home, "torch")
    llama = LlamaEngine(gguf, "parity", default_model.id, tmp_path, Options(threads=2))
    ref = canonical.open(parity.COUNTING)

    async def scenario():
        asked = parity.prompts()[::12]
        for adapter in (None, ref.name):
            if adapter:
                await llama.load_adapter(ref)
                await torch.load_adapter(ref)
            texts = await parity.write(llama, asked, adapter, 4)
            found = await parity.compare(torch, texts, adapter)
            assert found.agrees(parity.TOLERANCE["f16"]), found
            assert found.same >= len(asked) // 2
            sampling = replace(GREEDY, max_tokens=6)
            asked_now = Request("r", (Message("user", "What is 2 + 3?"),), adapter, sampling)
            assert (await complete(torch, asked_now)) == (await complete(llama, asked_now))
        await llama.close()
        await torch.close()

    asyncio.run(scenario())


def test_there_are_enough_prompts_of_every_kind(parity):
    asked = parity.prompts()
    assert len(asked) >= 200
    assert len({str(prompt) for _, prompt in asked}) == len(asked)
    assert {kind for kind, _ in asked} == {"english", "chinese", "mathematics", "code"}


@pytest.mark.parametrize("guide", ["", ".zh-CN"])
def test_the_guide_tells_what_was_measured(parity, guide):
    results = json.loads(parity.RESULTS.read_text(encoding="utf-8"))
    text = (ROOT / "docs" / "guides" / f"engines{guide}.md").read_text(encoding="utf-8")
    measured = [line for line in text.splitlines() if line.startswith(("| f32 |", "| f16 |"))]
    assert len(measured) == len(results["runs"])
    for line, run in zip(measured, results["runs"], strict=True):
        apart = run["difference"]
        assert line == (
            f"| {run['precision']} | {run['adapter']} | {run['prompts']} | {run['tokens']:,} | "
            f"{run['same_texts']} | {apart['largest']:g} | {apart['median']:g} | "
            f"{run['largest_gap_of_another_token']:g} | {run['tolerance']:g} |"
        )
        assert run["agrees"]
        assert run["prompts"] >= 200
