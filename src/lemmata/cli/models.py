"""`lemmata models`: what can be had, what is here, and removing it."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

_EXAMPLES = """
**Examples**

    lemmata models
    lemmata models --json
    lemmata models remove vibethinker-1.5b
    lemmata models remove vibethinker-1.5b:q4_k_m
"""


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        invoke_without_command=True, help="The models: known and here.", epilog=_EXAMPLES
    )
    group.callback(epilog=_EXAMPLES)(_list)
    group.command("remove", epilog=_EXAMPLES)(_remove)
    app.add_typer(group, name="models")


def _list(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Every model of the catalog and of this machine."""
    if context.invoked_subcommand is not None:
        return
    from lemmata import settings
    from lemmata.models.overview import overview

    models = overview(settings.load())
    if as_json:
        print(json.dumps(models, default=str, ensure_ascii=False, indent=1))
        return
    for model in models:
        for line in _lines(model):
            print(line)


def _lines(model: dict[str, Any]) -> list[str]:
    size = f"{model['parameters'] / 1e9:.2f}B" if model["parameters"] else ""
    head = f"{model['name']:30}{size:>6}  {model['licence']:24}{model['id']}"
    return [head] + [
        f"  {'here:':8}{copy['quantisation']:10}{copy['bytes'] / 1e6:>8.0f} MB  {copy['path']}"
        for copy in model["here"]
    ]


def _remove(
    name: Annotated[str, typer.Argument(help="NAME, or NAME:QUANT for one precision of it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Remove a model from this machine; its adapters stay."""
    from lemmata import settings
    from lemmata.models.store import Store

    freed = Store(settings.load()).remove(name)
    if as_json:
        print(json.dumps({"removed": name, "bytes": freed}))
    else:
        print(f"removed {name}: {freed / 1e6:.0f} MB freed")
