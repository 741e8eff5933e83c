"""`lemmata quickstart`: from nothing to a tuned, served and checked speciality, with its proof."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from lemmata.models.progress import Progress
    from lemmata.settings import Settings
    from lemmata.train.measure import Measured
    from lemmata.types import AdapterRef, Problem, Solution

RECIPE = "counting"
ITEMS = 60
"""Held-out problems measured before and after."""
HELD_OUT_SEED = 2_000_000
MOST_TOKENS = 192
"""Of one answer while measuring; the longest right one has about 120."""
SHOWN = (
    "Find the number of integer solutions to x + y + z = 10 where x, y, z >= 0.",
    "求方程 x + y + z = 10 的整数解的个数，其中 x, y, z >= 0。",
)
GOLD = "66"
EXAMPLES = """
**Examples**

    lemmata quickstart
    lemmata quickstart --json > report.json
    lemmata quickstart --out counting/
"""


@dataclass(frozen=True, slots=True)
class Report:
    """What the story came to; `seconds` are of the whole command."""

    before: Measured
    after: Measured
    adapter: AdapterRef
    run: Path
    shown: tuple[Solution, ...]
    train_seconds: float
    seconds: float


def register(app: typer.Typer) -> None:
    app.command("quickstart", epilog=EXAMPLES)(_quickstart)


def _quickstart(
    out: Annotated[
        Path | None, typer.Option(help="Also write the adapter and report.json to this folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Tune the default model to count with stars and bars, and prove that it now can."""
    import asyncio

    from lemmata import settings
    from lemmata.models.progress import shown

    home = settings.load()
    with shown() as progress:
        report = asyncio.run(story(home, progress))
    if out is not None:
        _write(report, out)
    print(json.dumps(_fields(report), ensure_ascii=False) if as_json else _told(report))


async def story(
    settings: Settings, progress: Progress, items: int = ITEMS, **overrides: Any
) -> Report:
    """Fetch, measure, tune, measure, register, solve; `overrides` replace fields of the recipe."""
    from lemmata.adapters import canonical
    from lemmata.adapters.registry import Registry
    from lemmata.engines import open_engine
    from lemmata.engines.base import Sampling
    from lemmata.models.store import Store
    from lemmata.solve import solve_async
    from lemmata.train import train
    from lemmata.train.measure import accuracy
    from lemmata.train.recipe import load
    from lemmata.types import Problem

    began = time.monotonic()
    base = load(RECIPE).base
    stored = Store(settings).pull(base, progress)
    problems = held_out_problems(items)
    # With an end: a badly tuned model may never stop by itself.
    greedy = Sampling(temperature=0.0, seed=0, max_tokens=MOST_TOKENS)
    engine = open_engine(stored.gguf, settings)
    try:
        before = await accuracy(engine, problems, None, MOST_TOKENS, progress, "measure the base")
        started = time.monotonic()
        run = train(RECIPE, settings=settings, progress=progress, **overrides)
        trained = time.monotonic() - started
        await engine.load_adapter(canonical.open(run / "final", RECIPE))
        after = await accuracy(
            engine, problems, RECIPE, MOST_TOKENS, progress, "measure the adapter"
        )
        _record(run / "final", before, after)
        ref = Registry(settings.adapters_dir).add(run / "final", RECIPE)
        await engine.load_adapter(ref)
        solved = [
            await solve_async(
                Problem(text, GOLD, "counting"), engine, adapter=ref.name, sampling=greedy
            )
            for text in SHOWN
        ]
    finally:
        await engine.close()
    return Report(before, after, ref, run, tuple(solved), trained, time.monotonic() - began)


def _record(final: Path, before: Measured, after: Measured) -> None:
    """Put what was measured into the adapter's manifest."""
    from lemmata.adapters import canonical

    adapter = canonical.read(final)
    measured = {"held-out stars and bars": {"before": _measured(before), "after": _measured(after)}}
    manifest = replace(adapter.manifest, accuracy=measured)
    canonical.write(replace(adapter, manifest=manifest), final)


def held_out_problems(count: int = ITEMS) -> tuple[Problem, ...]:
    """Problems whose pair of stars and unknowns never occurs in training; English and Chinese."""
    from lemmata.data.tasks import stars_and_bars
    from lemmata.types import Problem

    items = stars_and_bars.held_out(count, HELD_OUT_SEED)
    return tuple(
        Problem(item.problem, item.answer, stars_and_bars.TASK, str(number))
        for number, item in enumerate(items)
    )


def _write(report: Report, out: Path) -> None:
    from lemmata.adapters import canonical
    from lemmata.train.run_dir import write_json

    out.mkdir(parents=True, exist_ok=True)
    canonical.write(canonical.read(report.adapter.path), out / report.adapter.name)
    write_json(out / "report.json", _fields(report))
    print(f"written to {out}", file=sys.stderr)


def _fields(report: Report) -> dict[str, Any]:
    from lemmata.train.intervals import mcnemar, paired
    from lemmata.types import as_json

    right = report.before.right, report.after.right
    return {
        "problems": len(report.before.right),
        "before": _measured(report.before),
        "after": _measured(report.after),
        "gain": asdict(paired(*right)),
        "p": mcnemar(*right),
        "adapter": as_json(report.adapter),
        "run": str(report.run),
        "solutions": [as_json(solution) for solution in report.shown],
        "train_seconds": round(report.train_seconds, 1),
        "seconds": round(report.seconds, 1),
    }


def _measured(measured: Measured) -> dict[str, Any]:
    return {
        "correct": sum(measured.right),
        "accuracy": asdict(measured.accuracy),
        "tokens": measured.tokens,
    }


def _told(report: Report) -> str:
    """The table and the two derivations, for a person."""
    from lemmata.train.intervals import mcnemar, paired

    gain = paired(report.before.right, report.after.right)
    lines = [
        f"{len(report.before.right)} problems whose pair of sum and unknowns is never trained on,",
        "greedy, through the serving engine on the quantised model",
        "",
        f"{'':18}{'right':>8}{'accuracy':>11}   95 % interval",
        _row("base", report.before),
        _row(f"with {report.adapter.name}", report.after),
        f"{'gain':18}{'':8}{_percent(gain.value):>11}   {_range(gain.low, gain.high)}",
        "",
        "Intervals: Wilson's for each row, Newcombe's paired method for the gain; "
        f"exact McNemar p = {mcnemar(report.before.right, report.after.right):.1g}.",
    ]
    for solution in report.shown:
        lines += ["", f"> {solution.problem}", "", solution.derivation, "",
                  f"answer {solution.answer}: {solution.verdict.state}"]  # fmt: skip
    minutes, seconds = divmod(round(report.seconds), 60)
    lines += ["", f"{minutes} min {seconds} s, of which training {report.train_seconds:.0f} s",
              f"run:     {report.run}",
              f"adapter: {report.adapter.name} ({report.adapter.sha256[:12]})",
              f'try it:  lemmata solve --adapter {report.adapter.name} "{SHOWN[0]}"']  # fmt: skip
    return "\n".join(lines)


def _row(name: str, measured: Measured) -> str:
    share = measured.accuracy
    right = f"{sum(measured.right)}/{len(measured.right)}"
    return f"{name:18}{right:>8}{_percent(share.value):>11}   {_range(share.low, share.high)}"


def _range(low: float, high: float) -> str:
    return f"{_percent(low)} to {_percent(high)}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
