"""`lemmata.json`: where an adapter comes from and what it was measured to do."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from lemmata import whole
from lemmata.errors import AdapterRefused

FILE = "lemmata.json"
FORMAT = 1
LARGEST = 4 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `lemmata train` knows of its adapter. Hashes are SHA-256 in hex; None: not known."""

    base: str = ""
    """Hub id of the base model."""
    base_revision: str | None = None
    base_fingerprint: str | None = None
    """`adapters.fingerprint` of the base weights; the same at every quantisation."""
    tokenizer_sha256: str | None = None
    template_sha256: str | None = None
    data_sha256: str | None = None
    recipe: dict[str, Any] = field(default_factory=dict)
    gates: list[dict[str, Any]] = field(default_factory=list)
    accuracy: dict[str, Any] = field(default_factory=dict)
    """Measured results by benchmark, with their intervals."""
    description: str = ""
    licence: str = ""
    created: str | None = None
    sha256: str | None = None
    """The content hash; filled when the folder is written."""
    format: int = FORMAT


def read(folder: Path) -> Manifest:
    """The manifest of an adapter folder; an empty one where there is none (a foreign adapter).

    Raises AdapterRefused where it cannot be read or is of a later format.
    """
    path = folder / FILE
    if not path.exists():
        return Manifest()
    try:
        if path.is_symlink() or path.stat().st_size > LARGEST:
            raise AdapterRefused(f"{FILE} is a link or larger than 4 MB")
        values = json.loads(path.read_bytes())
        known = {item.name for item in fields(Manifest)}
        if not isinstance(values, dict) or values.get("format") != FORMAT:
            raise AdapterRefused(f"{FILE} is not of format {FORMAT}", "Update Lemmata.")
        return _typed({key: value for key, value in values.items() if key in known})
    except (ValueError, RecursionError) as error:
        raise AdapterRefused(f"{FILE} is not JSON") from error


def _typed(values: dict[str, Any]) -> Manifest:
    blank = Manifest()
    for key, value in values.items():
        default = getattr(blank, key)
        wanted = (str, type(None)) if default is None else type(default)
        if not isinstance(value, wanted):
            raise AdapterRefused(f"{key} in {FILE} is of the wrong type")
    return Manifest(**values)


def write(folder: Path, manifest: Manifest) -> None:
    """Write it, flushed to the disk."""
    text = json.dumps(asdict(manifest), indent=2, ensure_ascii=False, sort_keys=True)
    whole.write(folder / FILE, text + "\n")
