"""Engines: whatever turns requests into tokens. `open_engine` finds the right one."""

from __future__ import annotations

from pathlib import Path

from lemmata.engines.base import Engine
from lemmata.settings import Settings


def open_engine(model: str | Path, settings: Settings) -> Engine:
    """The engine for `model`: "echo", an http(s) URL of an OpenAI-compatible server, or a model of
    the store (its name or a path). Blocks until it is ready.

    Raises UnknownModel, ModelRefused, BadInput, EngineDied.
    """
    if model == "echo":
        from lemmata.engines.echo import EchoEngine

        return EchoEngine()
    if isinstance(model, str) and model.startswith(("http://", "https://")):
        from lemmata.engines.openai import OpenAIEngine

        return OpenAIEngine.connect(model)
    return _embedded(model, settings)


def _embedded(model: str | Path, settings: Settings) -> Engine:
    from lemmata.engines.llama import LlamaEngine, Options
    from lemmata.models.store import Store

    stored = Store(settings).get(model)
    return LlamaEngine(
        stored.gguf, stored.name, stored.id, settings.cache_dir, Options(threads=settings.threads)
    )
