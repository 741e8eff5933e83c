"""What the routes share: the engine once it is there, and which names it answers to."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from lemmata.engines.base import Engine
from lemmata.errors import NotReady, UnknownModel
from lemmata.server.admission import Admission
from lemmata.server.metrics import Metrics
from lemmata.server.strengths import Strengths
from lemmata.server.writer import Writer
from lemmata.settings import Settings
from lemmata.solve.think import opens_in_prompt

if TYPE_CHECKING:
    from sqlalchemy import Engine as Database

    from lemmata.server.auth import Gate


@dataclass
class Service:
    """One served base model and its adapters. `engine` is None while the model loads."""

    settings: Settings
    engine: Engine | None = None
    thinks_in_prompt: bool = False
    started: int = field(default_factory=lambda: int(time.time()))
    gate: Gate | None = None
    """Who may ask; None lets everybody."""
    admission: Admission = field(default_factory=Admission)
    metrics: Metrics = field(default_factory=Metrics)
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the set of adapters changes."""
    stopping: bool = False
    """A stop was asked for: who only watches is sent away, answers under way are finished."""
    time_limit: float | None = None
    """Seconds after which any one text ends where it is."""
    strengths: Strengths = field(init=False)
    """What adapters are set to, for everybody."""
    _database: Database | None = None
    _opening: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.strengths = Strengths(self.settings.home / "strengths.json")

    def database(self) -> Database:
        """Conversations and jobs, opened at first use; blocks. Raises as `open_database` does."""
        with self._opening:
            if self._database is None:
                from lemmata.server.state.database import open_database

                self._database = open_database(self.settings.database_url)
            return self._database

    async def close(self) -> None:
        """After the last answer: write down what is still to be written, free the engine."""
        if self.gate is not None:
            await self.gate.budgets.close()
        if self.engine is not None:
            await self.engine.close()
        if self._database is not None:
            self._database.dispose()

    async def begin(self, engine: Engine) -> None:
        """From here on requests are answered."""
        self.thinks_in_prompt = await asyncio.to_thread(opens_in_prompt, engine)
        self.engine = engine
        watch, health = self.metrics.watch, engine.health
        watch("lemmata_active_sequences", "In the engine.", lambda: self.admission.active)
        watch("lemmata_waiting_sequences", "In the queue.", lambda: self.admission.waiting)
        watch("lemmata_kv_used_tokens", "Held in the cache.", lambda: health().kv_used)
        watch("lemmata_adapters", "Loaded.", lambda: len(engine.adapters()))

    def writer(self, key: str = "") -> Writer:
        """The engine for one client's requests. Raises NotReady while the model loads."""
        budgets = self.gate.budgets if self.gate else None
        return Writer(
            self.ready(), self.admission, self.metrics, key, budgets, self.strengths,
            self.time_limit,
        )  # fmt: skip

    def ready(self) -> Engine:
        """The engine. Raises NotReady while the model loads."""
        if self.engine is None:
            raise NotReady("the model is still loading", "Ask again in a moment.")
        return self.engine

    @property
    def uptime(self) -> int:
        """Seconds since the start."""
        return int(time.time()) - self.started

    def adapter_of(self, model: str) -> str | None:
        """The adapter that a request's `model` names; None for the base. Raises UnknownModel."""
        engine = self.ready()
        base, adapters = engine.health().model, [ref.name for ref in engine.adapters()]
        if model in adapters:
            return model
        if model == base:
            return None
        known = ", ".join([base, *adapters])
        raise UnknownModel(f"there is no model {model!r} here", f"Choose one of: {known}.")


async def service_of(request: Request) -> Service:
    """Async only because FastAPI would take a plain function to a thread, for every request."""
    service: Service = request.app.state.service
    return service


Serving = Annotated[Service, Depends(service_of)]
