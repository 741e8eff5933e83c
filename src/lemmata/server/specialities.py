"""The adapters a server starts with: registered ones, those of a folder, the shipped examples."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import lemmata
from lemmata.adapters import canonical
from lemmata.adapters.registry import Registry
from lemmata.engines.base import Engine
from lemmata.errors import AdapterRefused, BadInput, UnknownAdapter
from lemmata.settings import Settings
from lemmata.types import AdapterRef

log = logging.getLogger("lemmata.server")


def examples() -> Path | None:
    """`examples/adapters` of the checkout this runs from; None for an installed package."""
    root = Path(lemmata.__file__).parents[2]
    folder = root / "examples" / "adapters"
    return folder if (root / "pyproject.toml").is_file() and folder.is_dir() else None


def find(name: str, settings: Settings) -> AdapterRef:
    """A registered adapter by name, an example by name, or a folder by path.

    Raises UnknownAdapter, AdapterRefused.
    """
    if "/" in name:
        return canonical.open(Path(name))
    example = (examples() or Path()) / name
    try:
        return Registry(settings.adapters_dir).get(name)
    except UnknownAdapter:
        if (example / canonical.CONFIG).exists():
            return canonical.open(example)
        raise


def known(settings: Settings, folder: Path | None = None) -> tuple[AdapterRef, ...]:
    """All by name: the registered adapter first, then the folder's, then the example."""
    named: dict[str, AdapterRef] = {}
    for ref in _found(settings, folder):
        named.setdefault(ref.name, ref)
    return tuple(named.values())


async def load(engine: Engine, settings: Settings, folder: Path | None) -> None:
    """Load all that are known. One that is refused (another base, say) is logged and left out."""
    for ref in known(settings, folder):
        try:
            await engine.load_adapter(ref)
        except AdapterRefused as refusal:
            log.warning("adapter %s is left out: %s", ref.name, refusal)


def _found(settings: Settings, folder: Path | None) -> Iterator[AdapterRef]:
    yield from Registry(settings.adapters_dir).list()
    if folder is not None and not folder.is_dir():
        raise BadInput(f"{folder} is no folder", "--adapters takes a folder of adapter folders.")
    for place in (folder, examples()):
        for path in sorted(place.iterdir()) if place else ():
            if (path / canonical.CONFIG).exists():
                try:
                    yield canonical.open(path)
                except AdapterRefused as refusal:
                    log.warning("adapter %s is left out: %s", path.name, refusal)
