"""Engines: whatever turns requests into tokens. `open_engine` finds the right one."""

from __future__ import annotations

from pathlib import Path

from lemmata.engines.base import Engine
from lemmata.errors import BadInput, MissingExtra
from lemmata.settings import Settings

ENGINES = ("llama", "torch", "vllm", "echo")
"""What may serve a model of the store; echo needs none."""


def is_remote(model: str | Path) -> bool:
    """Whether `open_engine` would ask a server."""
    return isinstance(model, str) and model.startswith(("http://", "https://"))


def open_engine(model: str | Path, settings: Settings, engine: str = "llama") -> Engine:
    """The engine for `model`: "echo", an http(s) URL of an OpenAI-compatible server (`URL#MODEL`
    for one of several that it serves), or a model of the store (its name or a path), which
    `engine` serves. Blocks until it is ready.

    Raises UnknownModel, ModelRefused, BadInput, EngineDied, MissingExtra.
    """
    if engine not in ENGINES:
        raise BadInput(f"there is no engine {engine!r}", f"Known: {', '.join(ENGINES)}, or a URL.")
    if "echo" in (model, engine):
        from lemmata.engines.echo import EchoEngine

        return EchoEngine()
    if is_remote(model):
        from lemmata.engines.openai import OpenAIEngine

        return OpenAIEngine.connect(str(model), settings.engine_key)
    if engine == "torch":
        return _torch(model, settings)
    return _vllm(model, settings) if engine == "vllm" else _embedded(model, settings)


def _torch(model: str | Path, settings: Settings) -> Engine:
    try:
        from lemmata.engines.torch import TorchEngine
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "torch", "train") from error
    from lemmata.models.store import Store

    store = Store(settings)
    stored = store.get(model)
    return TorchEngine.open(store.hf_dir(stored), stored.name, stored.id, threads=settings.threads)


def _vllm(model: str | Path, settings: Settings) -> Engine:
    """vLLM makes room for the largest rank among the registered adapters, and for usual ones."""
    from lemmata.adapters.registry import Registry
    from lemmata.engines.openai_adapters import LARGEST_RANK, rank_for
    from lemmata.engines.vllm import VllmEngine
    from lemmata.engines.vllm.engine import Options
    from lemmata.models.store import Store

    store = Store(settings)
    stored = store.get(model)
    rank = max(rank_for(Registry(settings.adapters_dir).list()), LARGEST_RANK)
    options = Options(settings.vllm, settings.vllm_arguments, rank)
    logs = settings.cache_dir / "logs"
    return VllmEngine(store.hf_dir(stored), stored.name, stored.id, logs, options)


def _embedded(model: str | Path, settings: Settings) -> Engine:
    from lemmata.engines.llama import LlamaEngine, Options
    from lemmata.models.store import Store

    stored = Store(settings).get(model)
    options = Options(
        threads=settings.threads,
        cells=settings.cells,
        kv=settings.kv,
        prefix_mb=settings.prefix_mb,
        contexts=settings.contexts,
        gpu_layers=settings.gpu_layers,
    )
    return LlamaEngine(stored.gguf, stored.name, stored.id, settings.cache_dir, options)
