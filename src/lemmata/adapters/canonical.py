"""Canonical PEFT adapters: the one folder form that PEFT, vLLM and llama.cpp all serve rightly.

`adapter_config.json` (plain LoRA, scale alpha / r), `adapter_model.safetensors` (PEFT's names) and
`lemmata.json`. A folder may come from anywhere: nothing in it is executed, followed or believed.
Other scales (rsLoRA, alpha and rank patterns) are folded into B; the function stays the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lemmata import whole
from lemmata.adapters import config, manifest, safetensors_file
from lemmata.adapters.manifest import Manifest
from lemmata.adapters.weights import Dtype, Floats, Projection, Weights, collect
from lemmata.errors import AdapterRefused
from lemmata.models.safetensors_file import pack
from lemmata.types import AdapterRef

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
LARGEST_FILE = 4 << 30
_FOLDER = f"An adapter is a folder with {CONFIG} and {WEIGHTS}."
_PICKLES = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Adapter:
    """A read adapter in canonical form: the weight delta is alpha / rank * B @ A everywhere."""

    base: str
    revision: str | None
    rank: int
    alpha: float
    weights: Weights
    manifest: Manifest

    def sha256(self) -> str:
        """Hash of what the adapter does: base, scale and weights; not of how it is stored."""
        digest = hashlib.sha256(f"{self.base}\n{self.rank}\n{self.alpha!r}\n".encode())
        for part in self.weights.projections:
            digest.update(f"{part.key}\n{part.a.shape}{part.b.shape}\n".encode())
            digest.update(np.ascontiguousarray(part.a, "<f4").tobytes())
            digest.update(np.ascontiguousarray(part.b, "<f4").tobytes())
        return digest.hexdigest()


def check_name(name: str) -> str:
    """The name itself. Raises AdapterRefused: names go into paths, URLs and JSON."""
    if not _NAME.fullmatch(name):
        raise AdapterRefused(
            f"{name!r} is no adapter name", "Use letters, digits, '.', '_' and '-', at most 64."
        )
    return name


def open(path: Path | str, name: str | None = None) -> AdapterRef:  # noqa: A001 - canonical.open
    """Validate an adapter folder; `name` defaults to the folder's. Raises AdapterRefused."""
    folder = Path(path)
    name = check_name(name or folder.resolve().name)
    adapter = read(folder)
    return reference(adapter, folder, name)


def reference(adapter: Adapter, folder: Path, name: str) -> AdapterRef:
    return AdapterRef(
        name, folder.resolve(), adapter.sha256(), adapter.base, adapter.rank, adapter.alpha
    )


def read(folder: Path) -> Adapter:
    """Read and fold an adapter folder. Raises AdapterRefused with the reason."""
    _check_files(folder)
    told = manifest.read(folder)
    settings = config.read(folder / CONFIG)
    loaded = safetensors_file.read(folder / WEIGHTS)
    settings.check(loaded)
    base = settings.base if _is_hub_id(settings.base) else told.base
    return _folded(settings, loaded, base, told)


def _check_files(folder: Path) -> None:
    if not folder.is_dir():
        raise AdapterRefused(f"{folder} is no adapter folder", _FOLDER)
    for name in (CONFIG, WEIGHTS):
        file = folder / name
        if file.is_symlink():
            raise AdapterRefused(f"{name} is a link", "Copy the file itself into the folder.")
        if not file.is_file():
            raise _missing(folder, name)
        if file.stat().st_size > LARGEST_FILE:
            raise AdapterRefused(f"{name} is larger than 4 GB")


def _missing(folder: Path, name: str) -> AdapterRefused:
    pickles = sorted(file.name for file in folder.iterdir() if file.suffix in _PICKLES)
    if name == WEIGHTS and pickles:
        return AdapterRefused(
            f"{pickles[0]} is a pickle, which can run code when opened",
            "Save the adapter with safe_serialization=True.",
        )
    return AdapterRefused(f"{folder} has no {name}", _FOLDER)


def _is_hub_id(base: str) -> bool:
    """`owner/name`; a training machine's local path says nothing here."""
    return bool(re.fullmatch(r"[\w][\w.-]*/[\w.-]+", base)) and not Path(base).exists()


def _folded(settings: config.Config, loaded: Weights, base: str, told: Manifest) -> Adapter:
    rank = max(part.rank for part in loaded.projections)
    scales = [settings.scale(part) for part in loaded.projections]
    plain = settings.alpha / rank
    if all(scale == plain for scale in scales):
        parts, alpha, dtype = loaded.projections, settings.alpha, loaded.dtype
    else:
        pairs = zip(loaded.projections, scales, strict=True)
        parts = tuple(replace(part, b=part.b * np.float32(scale)) for part, scale in pairs)
        alpha, dtype = float(rank), "F32"
    padded = tuple(_padded(part, rank) for part in parts)
    return Adapter(base, settings.revision, rank, alpha, Weights(padded, dtype), told)


def _padded(part: Projection, rank: int) -> Projection:
    """Zero rows and columns up to the common rank: the product stays the same."""
    missing = rank - part.rank
    if not missing:
        return part
    a, b = np.pad(part.a, ((0, missing), (0, 0))), np.pad(part.b, ((0, 0), (0, missing)))
    return replace(part, a=a, b=b)


def save(
    folder: Path,
    tensors: Mapping[str, Floats],
    *,
    rank: int,
    alpha: float,
    about: Manifest,
    dtype: Dtype = "BF16",
) -> AdapterRef:
    """Write a trained adapter as a canonical folder, whole or not at all; replaces `folder`.

    `tensors` has PEFT's names (`base_model.model.model.layers.N.….lora_A.weight`, no adapter name
    inside) and float32 arrays, A [rank, in], B [out, rank]. `about.base` is the base's hub id.
    """
    rounded = {
        name: _rounded(np.asarray(value, np.float32), dtype) for name, value in tensors.items()
    }
    found = collect(rounded, dtype)
    if any(part.rank != rank for part in found.projections):
        raise AdapterRefused(f"its weights are not of rank {rank}")
    adapter = Adapter(about.base, about.base_revision, rank, float(alpha), found, about)
    write(adapter, folder)
    return reference(adapter, folder, check_name(folder.resolve().name))


def _rounded(value: Floats, dtype: Dtype) -> Floats:
    """The value that will be read back, so that the hash is that of the stored weights."""
    return safetensors_file.decode(pack(value, dtype), dtype, value.shape)


def write(adapter: Adapter, folder: Path) -> None:
    """Write the canonical folder beside its place and move it there; replaces `folder`."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write_files(adapter, new)
        new.chmod(0o755)
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
            os.replace(folder, old)
            shutil.rmtree(old)
        os.replace(new, folder)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def _write_files(adapter: Adapter, folder: Path) -> None:
    safetensors_file.write(folder / WEIGHTS, adapter.weights)
    fields = config.fields(
        adapter.weights, adapter.rank, adapter.alpha, adapter.base, adapter.revision
    )
    whole.write(folder / CONFIG, json.dumps(fields, indent=2))
    manifest.write(folder, replace(adapter.manifest, base=adapter.base, sha256=adapter.sha256()))
