"""An engine for code without asyncio: the same contract, blocking.

The engine lives on an event loop of its own in a background thread, so one `SyncEngine` may be used
from any thread, also where another event loop runs (a notebook).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from lemmata.adapters import canonical
from lemmata.engines.base import Engine, Health, Request, Sampling, complete
from lemmata.types import AdapterRef, Completion, Message

T = TypeVar("T")


class SyncEngine:
    """Wraps an opened engine; close it, or use it as a context manager."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="lemmata-engine", daemon=True
        )
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the engine's loop; Ctrl-C cancels it."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    def load_adapter(self, path: Path | str, name: str | None = None) -> AdapterRef:
        """Check an adapter folder and load it under `name` (the folder's by default).

        Raises AdapterRefused.
        """
        ref = canonical.open(path, name)
        self.run(self.engine.load_adapter(ref))
        return ref

    def unload_adapter(self, name: str) -> None:
        """Forget an adapter; what runs on it finishes first. Raises UnknownAdapter."""
        self.run(self.engine.unload_adapter(name))

    def adapters(self) -> tuple[AdapterRef, ...]:
        """The loaded adapters, sorted by name."""
        return self.engine.adapters()

    def health(self) -> Health:
        return self.engine.health()

    def complete(
        self,
        prompt: str | tuple[Message, ...],
        *,
        adapter: str | None = None,
        sampling: Sampling | None = None,
    ) -> Completion:
        """Continue raw text, or answer messages in the model's own template.

        Raises UnknownAdapter, ContextOverflow, BadInput, EngineDied.
        """
        request = Request("complete", prompt, adapter, sampling or Sampling())
        return self.run(complete(self.engine, request))

    def close(self) -> None:
        """Free the model and end the thread. Idempotent."""
        if self._loop.is_closed():
            return
        self.run(self.engine.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
