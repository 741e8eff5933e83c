"""Which engine a command is to ask, and with which adapter: one of this machine, or a server's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lemmata.engines.base import Engine
    from lemmata.settings import Settings
    from lemmata.types import AdapterRef


def model_of(url: str | None, model: str | None, settings: Settings) -> str:
    """What `open_engine` is to open: the server at `url`, whose model `model` is where it has
    several (`URL#MODEL`), else a model of this machine.

    Raises BadInput for what is no address, and for one that holds a password: it would stand in
    the list of processes and in every file of a run.
    """
    from urllib.parse import urlsplit

    from lemmata.errors import BadInput

    if url is None:
        return model or settings.model
    try:
        parts = urlsplit(url)
        named = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        named = False
    if not named:
        raise BadInput(
            f"{url[:80]!r} is no address of a server", "Write it as http://127.0.0.1:8000/v1."
        )
    if parts.username is not None or parts.password is not None:
        raise BadInput(
            f"the address of {parts.hostname} holds a name or a password",
            "Leave it out, and set LEMMATA_ENGINE_KEY to the server's API key.",
        )
    return f"{url}#{model}" if model and not parts.fragment else url


async def bring(
    engine: Engine, adapter: str, settings: Settings, name: str | None = None
) -> AdapterRef | None:
    """Have the engine take in an adapter (registered, an example, or a folder) as `name`, else by
    its own. None where it is one that a server has of itself.

    Raises UnknownAdapter, AdapterRefused.
    """
    from dataclasses import replace

    from lemmata.engines.openai import OpenAIEngine
    from lemmata.server.specialities import find

    if isinstance(engine, OpenAIEngine) and adapter in engine.served:
        return None
    ref = find(adapter, settings)
    if name is not None:
        ref = replace(ref, name=name)
    await engine.load_adapter(ref)
    return ref
