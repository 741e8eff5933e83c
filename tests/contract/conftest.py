"""Every engine, opened the same way, with what the contract's tests need to know of it.

`openai` speaks to the stand-in over echo, `vllm` to the stand-in over libllama and a tiny model.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from engines import tiny_model
from lemmata.engines.base import Engine
from lemmata.engines.echo import EchoEngine
from lemmata.engines.llama import LlamaEngine, Options
from lemmata.engines.openai import OpenAIEngine
from lemmata.models import gguf_to_hf

from .vllm_standin import serving


@dataclass(frozen=True)
class Kind:
    """How to open an engine, and an adapter maker whose adapters change what it writes."""

    name: str
    open: Callable
    adapter: Callable


def tiny_llama(folder):
    options = Options(threads=1, cells=2048, context=512, running=8, sequences=16, chunk=128)
    gguf = tiny_model.write(folder / "tiny.gguf")
    return LlamaEngine(gguf, "tiny", tiny_model.BASE, folder, options)


@pytest.fixture(scope="session")
def llama_engine(tmp_path_factory):
    engine = tiny_llama(tmp_path_factory.mktemp("tiny"))
    yield engine
    asyncio.run(engine.close())


@pytest.fixture(scope="session")
def engine_behind_vllm(tmp_path_factory):
    engine = tiny_llama(tmp_path_factory.mktemp("behind"))
    yield engine
    asyncio.run(engine.close())


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    """The same weights as the folder that transformers loads."""
    folder = tmp_path_factory.mktemp("tiny-hf")
    gguf_to_hf.convert(tiny_model.write(folder.with_suffix(".gguf")), folder)
    return folder


@pytest.fixture(scope="session")
def torch_engine(tiny_folder):
    from lemmata.engines.torch import TorchEngine

    engine = TorchEngine.open(tiny_folder, "tiny", tiny_model.BASE, threads=1, context=512)
    yield engine
    asyncio.run(engine.close())


@pytest.fixture(
    params=["echo", "openai", "llama", "vllm", pytest.param("torch", marks=pytest.mark.train)]
)
def kind(request, tmp_path):
    @asynccontextmanager
    async def echo() -> AsyncIterator[Engine]:
        engine = EchoEngine(context=512)
        yield engine
        await engine.close()

    @asynccontextmanager
    async def openai() -> AsyncIterator[Engine]:
        with serving(EchoEngine(context=512)) as url:
            engine = OpenAIEngine.connect(url)
            yield engine
            await engine.close()

    @asynccontextmanager
    async def vllm() -> AsyncIterator[Engine]:
        """The connector to vLLM, over the stand-in with a real model and real adapters."""
        async with local("engine_behind_vllm") as inner:
            with serving(inner) as url:
                engine = OpenAIEngine.connect(url)
                yield engine
                await engine.close()

    @asynccontextmanager
    async def local(fixture) -> AsyncIterator[Engine]:
        engine = request.getfixturevalue(fixture)
        yield engine
        for ref in engine.adapters():
            await engine.unload_adapter(ref.name)

    opened = {
        "echo": echo, "openai": openai, "vllm": vllm,
        "llama": lambda: local("llama_engine"), "torch": lambda: local("torch_engine"),
    }[request.param]  # fmt: skip
    return Kind(request.param, opened, lambda name, seed: tiny_model.adapter(tmp_path / name, seed))
