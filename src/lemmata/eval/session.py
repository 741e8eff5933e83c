"""One call from a benchmark's name to its report, for plain Python code."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lemmata.errors import BadInput, UnknownAdapter
from lemmata.eval import generate, identity
from lemmata.eval.folder import Run
from lemmata.eval.plan import BASE, Plan
from lemmata.eval.prepare import Wish, prepare
from lemmata.eval.results import Report
from lemmata.eval.run import Means, evaluate
from lemmata.settings import Settings

if TYPE_CHECKING:
    from lemmata.engines.sync import SyncEngine


def measure(
    benchmark: str | Path,
    engine: SyncEngine | str,
    out: Path | None,
    settings: Settings,
    wish: Mapping[str, Any],
) -> Report:
    """Prepare, run and report; a model that is named is opened for it and closed again."""
    from lemmata.engines import open_engine
    from lemmata.engines.sync import SyncEngine

    plan, items, refused = prepare(str(benchmark), _wish(wish), settings)
    asked = bool(wish.get("adapter"))
    place = out or new_folder(settings.home, plan.benchmark)
    if isinstance(engine, str):
        model = identity.of_model(engine, settings)
        with SyncEngine(open_engine(engine, settings)) as opened:
            return _measure(Run(plan, model, {}, items, refused), opened, place, settings, asked)
    model = identity.of_engine(engine.engine)
    return _measure(Run(plan, model, {}, items, refused), engine, place, settings, asked)


def new_folder(home: Path, name: str) -> Path:
    """Where a run goes that nobody gave a folder: one that is not there yet."""
    return free(home / "evals" / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}", ())


def free(place: Path, taken: Collection[Path]) -> Path:
    """`place`, or with a number behind it where that is there already or `taken`."""
    numbered = (place.with_name(f"{place.name}-{number}") for number in count(2))
    return next(
        path for path in chain([place], numbered) if path not in taken and not path.exists()
    )


def _measure(run: Run, engine: SyncEngine, place: Path, settings: Settings, asked: bool) -> Report:
    loaded = {ref.name: ref.sha256 for ref in engine.adapters()}
    plan = _with_loaded(run.plan, loaded, asked)
    named = {cell.adapter for cell in plan.cells} - {BASE}
    ready = replace(run, plan=plan, adapters={name: loaded[name] for name in sorted(named)})
    remote = run.model.kind == "openai"
    at_once = generate.REMOTE if remote else generate.LOCAL
    means = Means(at_once, cache=settings.cache_dir / "predictions.db")
    return engine.run(evaluate(ready, engine.engine, place, means))


def _with_loaded(plan: Plan, loaded: Mapping[str, str], asked: bool) -> Plan:
    """The plan; without the adapters that a benchmark only proposes and that are not there.

    Raises UnknownAdapter for one that was asked for.
    """
    missing = {cell.adapter for cell in plan.cells} - {BASE, *loaded}
    if missing and asked:
        name = min(missing)
        raise UnknownAdapter(f"adapter {name!r} is not loaded", "Load it: engine.load_adapter.")
    return replace(plan, cells=tuple(c for c in plan.cells if c.adapter not in missing))


def _wish(values: Mapping[str, Any]) -> Wish:
    """Raises BadInput for a field that a wish does not have; a lone word is a sequence of one."""
    known = {field.name for field in fields(Wish)}
    for name in values:
        if name not in known:
            raise BadInput(
                f"there is no {name!r} to ask for", f"There are: {', '.join(sorted(known))}."
            )
    told: dict[str, Any] = dict(values)
    for axis in ("role", "language", "policy", "adapter", "strategy"):
        if isinstance(told.get(axis), str):
            told[axis] = (told[axis],)
    return Wish(**told)
