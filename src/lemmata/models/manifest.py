"""`model.json`: what a folder of the store holds, written last, checked at every use."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from lemmata import whole
from lemmata.errors import ModelRefused
from lemmata.models.hashes import HashCache

FILE = "model.json"
Kind = Literal["gguf", "hf"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """One stored artefact: a GGUF in one precision, or a Hugging Face folder."""

    name: str
    id: str
    kind: Kind
    quantisation: str
    """For a GGUF its precision ("q8_0"); for a Hugging Face folder its dtype ("bf16")."""
    source: str
    revision: str
    licence: str
    made_from: str | None
    """The hash of what it was converted from; None: it came as it is."""
    files: dict[str, tuple[int, str]]
    """Relative path to size in bytes and SHA-256."""

    @property
    def size(self) -> int:
        return sum(size for size, _ in self.files.values())

    @property
    def digest(self) -> str:
        """One hash for all the files."""
        lines = [f"{name} {digest}\n" for name, (_, digest) in sorted(self.files.items())]
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    @property
    def gguf(self) -> str:
        """The model file's name within a folder of the kind "gguf"."""
        return next(name for name in self.files if name.endswith(".gguf"))


def write(manifest: Manifest, folder: Path) -> None:
    """Put the manifest into `folder`, whole."""
    whole.write(folder / FILE, json.dumps(asdict(manifest), indent=1, ensure_ascii=False))


def read(folder: Path) -> Manifest:
    """Raises ModelRefused where the manifest is damaged."""
    try:
        fields = json.loads((folder / FILE).read_text(encoding="utf-8"))
        fields["files"] = {
            name: (int(size), str(digest)) for name, (size, digest) in fields["files"].items()
        }
        return Manifest(**fields)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelRefused(
            f"{folder / FILE} is damaged", "Remove the model, pull it again."
        ) from error


def check(manifest: Manifest, folder: Path, cache: HashCache) -> None:
    """Raises ModelRefused unless every file is there with its size and hash."""
    for name, (size, digest) in manifest.files.items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != size or cache.sha256(path) != digest:
            raise ModelRefused(
                f"{path} is not what was fetched (missing, cut short or changed)",
                f"Fetch it again: lemmata pull {manifest.name}",
            )
