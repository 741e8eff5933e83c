"""A model that is on this machine, checked and ready."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class StoredModel:
    """`id` is the hub id that adapters name as their base, `sha256` the hash of the GGUF."""

    name: str
    id: str
    gguf: Path
    sha256: str
    hf: Path | None
    """The Hugging Face folder it was converted from; None: it came as a GGUF (`Store.hf_dir`)."""
    source: str
    revision: str
    quantisation: str
    made_from: str | None = None
    """The hash of the GGUF that this one was quantised from; None: it came as it is."""
