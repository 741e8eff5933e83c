"""All models in one list: those the catalog knows and those that are here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lemmata.models import catalog
from lemmata.models.catalog import Entry
from lemmata.models.manifest import Manifest
from lemmata.models.store import Store
from lemmata.settings import Settings


def overview(settings: Settings) -> list[dict[str, Any]]:
    """One plain dictionary a model, the catalog's order first; `here` lists its copies with
    `quantisation`, `bytes`, `path`, `source` and `revision`."""
    here: dict[str, list[tuple[Manifest, Path]]] = {}
    for stored, folder in Store(settings).list():
        here.setdefault(stored.name, []).append((stored, folder))
    known = dict(catalog.load())
    for name, copies in here.items():
        stored = copies[0][0]
        if name not in known:
            known[name] = Entry(name, stored.id, (stored.source,), licence=stored.licence)
    return [_described(entry, here.get(entry.name, [])) for entry in known.values()]


def _described(entry: Entry, copies: list[tuple[Manifest, Path]]) -> dict[str, Any]:
    return {
        "name": entry.name,
        "id": entry.id,
        "parameters": entry.parameters,
        "licence": entry.licence,
        "quant": entry.quant,
        "sources": list(entry.sources),
        "here": [_copy(stored, folder) for stored, folder in copies],
    }


def _copy(stored: Manifest, folder: Path) -> dict[str, Any]:
    return {
        "kind": stored.kind,
        "quantisation": stored.quantisation,
        "bytes": stored.size,
        "path": folder / stored.gguf if stored.kind == "gguf" else folder,
        "source": stored.source,
        "revision": stored.revision,
    }
