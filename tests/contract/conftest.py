"""Every engine, opened the same way, with what the contract's tests need to know of it."""

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

from .vllm_standin import serving


@dataclass(frozen=True)
class Kind:
    """How to open an engine, and an adapter maker whose adapters change what it writes."""

    name: str
    open: Callable
    adapter: Callable


@pytest.fixture(scope="session")
def llama_engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    options = Options(threads=1, cells=2048, context=512, running=8, sequences=16, chunk=128)
    engine = LlamaEngine(
        tiny_model.write(folder / "tiny.gguf"), "tiny", tiny_model.BASE, folder, options
    )
    yield engine
    asyncio.run(engine.close())


@pytest.fixture(params=["echo", "openai", "llama"])
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
    async def llama() -> AsyncIterator[Engine]:
        engine = request.getfixturevalue("llama_engine")
        yield engine
        for ref in engine.adapters():
            await engine.unload_adapter(ref.name)

    opened = {"echo": echo, "openai": openai, "llama": llama}[request.param]
    return Kind(request.param, opened, lambda name, seed: tiny_model.adapter(tmp_path / name, seed))
