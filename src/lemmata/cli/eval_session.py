"""One engine, opened once, for one run or several."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lemmata.engines.base import Engine
    from lemmata.eval.identity import ModelIdentity
    from lemmata.eval.item import Item
    from lemmata.eval.items import Refused
    from lemmata.eval.plan import Plan
    from lemmata.eval.results import Report
    from lemmata.eval.run import Means, Watch
    from lemmata.settings import Settings

Prepared = tuple["Plan", tuple["Item", ...], tuple["Refused", ...]]
Watching = Callable[[str, Path], AbstractContextManager["Watch"]]


@dataclass(frozen=True, slots=True)
class Session:
    """`model` is a name, a path, an address or "echo"; `at_once` None: the engine's usual; `begun`:
    the model that a run to go on with was begun with."""

    settings: Settings
    model: str
    at_once: int | None
    cached: bool
    begun: ModelIdentity | None = None

    async def run(
        self,
        prepared: Sequence[Prepared],
        places: Sequence[Path],
        adapters_asked: bool,
        watching: Watching,
    ) -> list[Report]:
        """All runs, one after the other. An adapter that was asked for must be there; one that a
        benchmark only proposes is left out with a notice."""
        from lemmata.engines import open_engine
        from lemmata.eval import identity
        from lemmata.eval.folder import Run, locked
        from lemmata.eval.run import evaluate

        model = identity.again(self.begun, identity.of_model(self.model, self.settings))
        with locked(places[0]):  # a folder that is taken is found out before a model is loaded
            pass
        engine = await asyncio.to_thread(open_engine, self.model, self.settings)
        try:
            reports = []
            for (plan, items, refused), place in zip(prepared, places, strict=True):
                resolved, hashes = await self._adapters(engine, plan, adapters_asked)
                begun = Run(resolved, model, hashes, items, refused)
                with watching(resolved.benchmark, place) as watch:
                    reports.append(await evaluate(begun, engine, place, self._means(watch)))
            return reports
        finally:
            await engine.close()

    def _means(self, watch: Watch) -> Means:
        from lemmata.engines import is_remote
        from lemmata.eval import generate
        from lemmata.eval.run import Means

        usual = generate.REMOTE if is_remote(self.model) else generate.LOCAL
        cache = self.settings.cache_dir / "predictions.db" if self.cached else None
        return Means(self.at_once or usual, cache=cache, watch=watch)

    async def _adapters(
        self, engine: Engine, plan: Plan, asked: bool
    ) -> tuple[Plan, dict[str, str]]:
        """Load what the plan names; the plan without what is missing, and content hashes."""
        from lemmata.cli.wanted import bring
        from lemmata.errors import AdapterRefused, UnknownAdapter
        from lemmata.eval.plan import BASE

        hashes: dict[str, str] = {}
        missing = set()
        for name in dict.fromkeys(cell.adapter for cell in plan.cells):
            if name == BASE:
                continue
            try:
                ref = await bring(engine, name, self.settings, name)
            except (UnknownAdapter, AdapterRefused) as error:
                if asked:
                    raise
                missing.add(name)
                print(f"lemmata: left out: {error.cause}", file=sys.stderr)
            else:
                hashes[name] = "" if ref is None else ref.sha256
        kept = tuple(cell for cell in plan.cells if cell.adapter not in missing)
        return replace(plan, cells=kept), hashes
