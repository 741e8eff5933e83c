"""`lemmata train`: tune an adapter by a recipe, go on with a stopped run, or plan one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

_RUN_EXAMPLES = """\b
Examples:
  lemmata train run counting
  lemmata train run recipes/lora.yaml data=rows.jsonl name=mine lr=2e-4
  lemmata train run my.yaml --json | jq -r .adapter
"""
_RESUME_EXAMPLES = """\b
Examples:
  lemmata train resume ~/.local/share/lemmata/runs/counting-20261123-120000
"""
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
_Recipe = Annotated[str, typer.Argument(help="A recipe file, or the name of a shipped one.")]
_Overrides = Annotated[
    list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Fields to replace.")
]


def register(app: typer.Typer) -> None:
    train = typer.Typer(no_args_is_help=True, help="Tune an adapter without breaking the base.")
    train.command("run", epilog=_RUN_EXAMPLES)(_run)
    train.command("resume", epilog=_RESUME_EXAMPLES)(_resume)
    app.add_typer(train, name="train")


def _run(recipe: _Recipe, overrides: _Overrides = None, as_json: _Json = False) -> None:
    """Train. Ctrl-C saves first and says how to go on."""
    from lemmata import settings
    from lemmata.models.progress import shown
    from lemmata.train import train
    from lemmata.train.recipe import parse_overrides

    fields = parse_overrides(overrides or [])
    with _resumable(), shown() as progress:
        folder = train(recipe, settings=settings.load(), progress=progress, **fields)
    _tell(folder, as_json)


def _resume(
    run: Annotated[Path, typer.Argument(help="The run's folder.")], as_json: _Json = False
) -> None:
    """Go on from the newest checkpoint; on a CPU to the same bits as without the stop."""
    from lemmata import settings
    from lemmata.models.progress import shown
    from lemmata.train import resume

    with _resumable(), shown() as progress:
        folder = resume(run, settings=settings.load(), progress=progress)
    _tell(folder, as_json)


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
        print(f"use it:  lemmata adapters add {adapter} NAME")
