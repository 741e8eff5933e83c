"""`lemmata train`: tune an adapter by a recipe, go on with a stopped run, or plan one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from lemmata.train.plan import Plan

_EXAMPLES = """
**Examples**

    lemmata train plan counting
    lemmata train run counting
    lemmata train resume runs/counting-20261123-120000
"""
_RUN_EXAMPLES = """
**Examples**

    lemmata train run counting
    lemmata train run recipes/lora.yaml data=rows.jsonl name=mine lr=2e-4
    lemmata train run my.yaml --json | jq -r .adapter
    lemmata train run curriculum --tensorboard
"""
_PLAN_EXAMPLES = """
**Examples**

    lemmata train plan counting
    lemmata train plan lora base=vibethinker-1.5b --precision bf16 --memory 24 --tflops 60
    lemmata train plan my.yaml --json | jq .memory
"""
_RESUME_EXAMPLES = """
**Examples**

    lemmata train resume ~/.local/share/lemmata/runs/counting-20261123-120000
"""
_TEACH_EXAMPLES = """
**Examples**

    lemmata train teach distil --teacher ~/models/SmolLM2-1.7B-Instruct --out labels.safetensors
    lemmata train teach distil --teacher http://127.0.0.1:8000 --out labels.safetensors
    lemmata train teach lora data=mine.jsonl --out base.safetensors
"""
_REPORT_EXAMPLES = """
**Examples**

    lemmata train report ~/.local/share/lemmata/runs/counting-20261123-120000
"""
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
_Recipe = Annotated[str, typer.Argument(help="A recipe file, or the name of a shipped one.")]
_Overrides = Annotated[
    list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Fields to replace.")
]


_RunFolder = Annotated[Path, typer.Argument(help="The run's folder.")]
_Tensorboard = Annotated[
    bool, typer.Option("--tensorboard", help="Also write TensorBoard files into the run's folder.")
]


def register(app: typer.Typer) -> None:
    train = typer.Typer(
        no_args_is_help=True, help="Tune an adapter without breaking the base.", epilog=_EXAMPLES
    )
    train.command("run", epilog=_RUN_EXAMPLES)(_run)
    train.command("plan", epilog=_PLAN_EXAMPLES)(_plan)
    train.command("resume", epilog=_RESUME_EXAMPLES)(_resume)
    train.command("teach", epilog=_TEACH_EXAMPLES)(_teach)
    train.command("report", epilog=_REPORT_EXAMPLES)(_report)
    app.add_typer(train, name="train")


def _run(
    recipe: _Recipe,
    overrides: _Overrides = None,
    tensorboard: _Tensorboard = False,
    as_json: _Json = False,
) -> None:
    """Train. Ctrl-C saves first and says how to go on. Exit code 1 where a gate refuses."""
    from lemmata import settings
    from lemmata.cli.train_live import shown_run
    from lemmata.train import train
    from lemmata.train.recipe import parse_overrides

    fields = parse_overrides(overrides or [])
    with _resumable(), shown_run(tensorboard) as (progress, watch):
        folder = train(recipe, settings=settings.load(), progress=progress, watch=watch, **fields)
    _tell(folder, as_json)


def _plan(
    recipe: _Recipe,
    overrides: _Overrides = None,
    precision: Annotated[
        Literal["fp32", "bf16", "nf4"] | None,
        typer.Option(help="Of another machine; else the recipe's, on a CPU.", show_default=False),
    ] = None,
    memory: Annotated[
        float | None, typer.Option(min=0.1, help="GiB there are; else this machine's.")
    ] = None,
    tflops: Annotated[
        float | None, typer.Option(min=0.001, help="Matrix rate; else measured here.")
    ] = None,
    as_json: _Json = False,
) -> None:
    """Tokens, steps, memory and time of a run before it starts; refuses what will not fit."""
    import psutil

    from lemmata import settings
    from lemmata.models.progress import shown
    from lemmata.models.store import Store
    from lemmata.train import plan as planning
    from lemmata.train import rate as measured
    from lemmata.train import samples
    from lemmata.train.recipe import load, parse_overrides
    from lemmata.train.stages import Course

    resolved, home = load(recipe, parse_overrides(overrides or [])), settings.load()
    store = Store(home)
    with shown() as progress:
        stored = store.get(resolved.base, progress)
        folder = store.hf_dir(stored, progress)
        rows = samples.of_model(resolved, stored, folder)
        shape = planning.read_shape(folder)
    held = precision or planning.precision_of(resolved)
    rate = (
        measured.of_products(shape, resolved.pack_tokens, held) if tflops is None else 1e12 * tflops
    )
    steps = Course(Path(), resolved, rows.sources).planned()
    made = planning.make(resolved, rows.rows, shape, held, rate, steps)
    print(json.dumps(_plan_fields(made)) if as_json else _plan_told(made))
    limit = memory * planning.GIB if memory else psutil.virtual_memory().available
    planning.check_fits(made, limit)


def _plan_fields(plan: Plan) -> dict[str, Any]:
    fields = asdict(plan)
    fields["memory"]["total"] = plan.memory.total
    return fields | {"share": plan.share}


def _plan_told(plan: Plan) -> str:
    memory = plan.memory
    parts = ", ".join(
        f"{name} {getattr(memory, name) / 2**30:.2f}"
        for name in ("base", "adapter", "activations", "work")
    )
    minutes, seconds = divmod(round(plan.seconds), 60)
    return "\n".join([
        f"rows       {plan.rows} (longest {plan.longest} tokens)",
        f"tokens     {plan.tokens}, of which {plan.label_tokens} are learnt",
        f"steps      {plan.steps}",
        f"trainable  {plan.trainable:,} of {plan.parameters:,} ({100 * plan.share:.4f} %)",
        f"memory     {memory.total / 2**30:.2f} GiB in {plan.precision} ({parts})",
        f"time       at least {minutes} min {seconds} s",
    ])  # fmt: skip


def _resume(run: _RunFolder, tensorboard: _Tensorboard = False, as_json: _Json = False) -> None:
    """Go on from the newest checkpoint; on a CPU to the same bits as without the stop."""
    from lemmata import settings
    from lemmata.cli.train_live import shown_run
    from lemmata.train import resume

    with _resumable(), shown_run(tensorboard) as (progress, watch):
        folder = resume(run, settings=settings.load(), progress=progress, watch=watch)
    _tell(folder, as_json)


def _teach(
    recipe: _Recipe,
    overrides: _Overrides = None,
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("labels.safetensors"),
    teacher: Annotated[
        str | None,
        typer.Option(
            help="A model, its path, or the URL of a server that gives prompt_logprobs; "
            "else the base itself, for an anchor.",
            show_default=False,
        ),
    ] = None,
    adapter: Annotated[
        Path | None, typer.Option(help="An adapter of the teacher's.", show_default=False)
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Likeliest tokens kept at each place.")] = 32,
    as_json: _Json = False,
) -> None:
    """Have a teacher say how likely it finds each token of a recipe's rows: soft labels."""
    from lemmata import settings
    from lemmata.models.progress import shown
    from lemmata.train import teach
    from lemmata.train.recipe import parse_overrides

    fields = parse_overrides(overrides or [])
    with _kept_on_stop(), shown() as progress:
        taught = teach(recipe, out, teacher=teacher, adapter=adapter, top=top,
                       settings=settings.load(), progress=progress, **fields)  # fmt: skip
    if as_json:
        print(json.dumps(asdict(taught), default=str))
        return
    print(f"{taught.rows} rows, {taught.tokens} tokens, {taught.top} labels each that hold "
          f"{100 * taught.mass:.1f} % of the probability")  # fmt: skip
    print(f"use it:  teacher={taught.path} or anchor={taught.path}")


def _report(run: _RunFolder) -> None:
    """Make report.html of a run again, finished or not, and print its path."""
    from lemmata.train.report import write

    print(write(run))


@contextmanager
def _kept_on_stop() -> Iterator[None]:
    """Say how to go on, where a person stopped a teacher."""
    try:
        yield
    except KeyboardInterrupt:
        print("what was told is kept; the same command goes on", file=sys.stderr)
        raise


@contextmanager
def _resumable() -> Iterator[None]:
    """Say how to go on, where a person stopped the run."""
    from lemmata.train.interrupt import Stopped

    try:
        yield
    except Stopped as stop:
        print(f"saved; go on with: lemmata train resume {stop.run}", file=sys.stderr)
        raise


def _tell(folder: Path, as_json: bool) -> None:
    adapter = folder / "final"
    if as_json:
        print(json.dumps({"run": str(folder), "adapter": str(adapter)}))
    else:
        print(f"adapter: {adapter}")
        print(f"report:  {folder / 'report.html'}")
        print(f"use it:  lemmata adapters add {adapter} --name NAME")
