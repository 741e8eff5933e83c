"""The models known by name (catalog.toml), and those named by their address."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from lemmata.errors import BadInput, UnknownModel

DEFAULT_QUANT = "q8_0"
"""Near lossless: half of the published size."""
SCHEMES = ("pypi", "hf", "modelscope", "file")


@dataclass(frozen=True, slots=True)
class Wheel:
    """A file inside a PyPI wheel; both hashes pinned, sizes in bytes; `quant` if it is a GGUF."""

    sha256: str
    size: int
    member: str
    member_sha256: str
    member_size: int
    quant: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One model. `id` is the hub id that adapters name as their base."""

    name: str
    id: str
    sources: tuple[str, ...]
    family: str = ""
    parameters: int = 0
    """How many weights; 0: not known before it is here."""
    licence: str = ""
    quant: str = DEFAULT_QUANT
    wheel: Wheel | None = None


@cache
def load() -> dict[str, Entry]:
    """The catalog by name, in its own order."""
    text = (resources.files("lemmata.models") / "catalog.toml").read_text(encoding="utf-8")
    return {name: _entry(name, fields) for name, fields in tomllib.loads(text).items()}


def _entry(name: str, fields: dict[str, Any]) -> Entry:
    wheel = Wheel(**fields.pop("wheel")) if "wheel" in fields else None
    return Entry(name=name, wheel=wheel, sources=tuple(fields.pop("sources")), **fields)


def find(spec: str) -> Entry:
    """The entry of a catalog name, or one made for an address such as `hf:ORG/NAME@REVISION`.

    Raises UnknownModel with what was probably meant, BadInput for an address that is none.
    """
    scheme, colon, rest = spec.partition(":")
    if colon and scheme in SCHEMES:
        return _addressed(scheme, rest)
    known = load()
    if spec.lower() in known:
        return known[spec.lower()]
    by_id = {entry.id.lower(): entry for entry in known.values()}
    if spec.lower() in by_id:
        return by_id[spec.lower()]
    raise unknown(spec, list(known))


def _addressed(scheme: str, rest: str) -> Entry:
    repository = rest.partition("@")[0]
    if scheme == "file":
        path = Path(rest).expanduser()
        return Entry(name=path.stem.lower(), id=path.stem, sources=(f"file:{path}",))
    if scheme == "pypi" or repository.count("/") != 1 or not all(repository.split("/")):
        raise BadInput(
            f"{scheme}:{rest} is no address of a model", "Write hf:ORG/NAME or modelscope:ORG/NAME."
        )
    name = repository.split("/")[1].lower()
    return Entry(name=name, id=repository, sources=(f"{scheme}:{rest}",))


def unknown(name: str, known: list[str]) -> UnknownModel:
    """The error for a name that nothing has, with the nearest one that something does."""
    near = [each for each in known if name and each.startswith(name.lower())]
    near += difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.4)
    mend = f"Did you mean {near[0]}?" if near else "See: lemmata models"
    return UnknownModel(f"no model is called {name!r}", mend)
