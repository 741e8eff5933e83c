"""`lemmata adapters`: the specialities of this installation."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from lemmata.adapters.registry import Registry
    from lemmata.types import AdapterRef

_EXAMPLES = """
**Examples**

    lemmata adapters add runs/counting/final --name counting
    lemmata adapters list --json
    lemmata adapters alias best counting
    lemmata adapters export counting --to .
"""
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def _registry() -> Registry:
    from lemmata import settings
    from lemmata.adapters.registry import Registry

    return Registry(settings.load().adapters_dir)


def _described(ref: AdapterRef) -> dict[str, Any]:
    from lemmata.adapters import manifest
    from lemmata.types import as_json

    return as_json(ref) | {"about": asdict(manifest.read(ref.path))}


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="List, add and move adapters.", epilog=_EXAMPLES)
    for name, command in _COMMANDS.items():
        group.command(name, epilog=_EXAMPLES)(command)
    app.add_typer(group, name="adapters")


def _list(as_json: Json = False) -> None:
    """All adapters by name, the shipped example among them."""
    from lemmata import settings
    from lemmata.server import specialities
    from lemmata.types import as_json as plain

    found = specialities.known(settings.load())
    if as_json:
        print(json.dumps([plain(ref) for ref in found], ensure_ascii=False))
        return
    for ref in found:
        print(f"{ref.name:24} {ref.sha256[:12]}  r={ref.rank:<4} {ref.base}")


def _add(
    path: Annotated[Path, typer.Argument(help="An adapter folder, or its zip.")],
    name: Annotated[str | None, typer.Option(help="Its name; else the folder's.")] = None,
    as_json: Json = False,
) -> None:
    """Check an adapter and take it in; a name in use moves to it."""
    ref = _registry().add(path, name)
    if as_json:
        print(json.dumps(_described(ref), ensure_ascii=False))
    else:
        print(f"{ref.name} {ref.sha256[:12]}")


def _show(name: str, as_json: Json = False) -> None:
    """One adapter: its base, its scale, what it was trained on and what it was measured to do."""
    from lemmata import settings
    from lemmata.server import specialities

    described = _described(specialities.find(name, settings.load()))
    if as_json:
        print(json.dumps(described, ensure_ascii=False))
        return
    about = described.pop("about")
    for key, value in (described | about).items():
        if value not in (None, "", [], {}):
            print(f"{key:18} {value}")


def _remove(name: str) -> None:
    """Forget a name; the adapter goes with its last one."""
    _registry().remove(name)


def _alias(name: str, existing: str) -> None:
    """Let NAME mean what EXISTING means now."""
    ref = _registry().alias(name, existing)
    print(f"{ref.name} {ref.sha256[:12]}")


def _export(
    name: str, to: Annotated[Path, typer.Option(help="A zip file, or a folder for it.")] = Path()
) -> None:
    """Write an adapter as a zip that `add` reads on another machine."""
    print(_registry().export(name, to))


_COMMANDS: dict[str, Callable[..., None]] = {
    "list": _list,
    "add": _add,
    "show": _show,
    "remove": _remove,
    "alias": _alias,
    "export": _export,
}
