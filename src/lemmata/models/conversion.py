"""Conversions as the store does them: into a staging folder, landed whole, made once."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from lemmata.errors import BadInput
from lemmata.models import gguf_read, gguf_to_hf, hf_to_gguf, landing, manifest
from lemmata.models.catalog import DEFAULT_QUANT
from lemmata.models.gguf_metadata import About
from lemmata.models.hashes import HashCache, sha256
from lemmata.models.manifest import Manifest
from lemmata.models.progress import Progress
from lemmata.models.quantise import QUANTS, quantise
from lemmata.models.stored import StoredModel

_THREADS = os.cpu_count() or 1
_UNQUANTISED = ("f32", "f16", "bf16")


def gguf_to_folder(stored: StoredModel, cache: Path, hashes: HashCache, progress: Progress) -> Path:
    """The Hugging Face folder of a GGUF, out of the cache or converted now."""
    key = stored.sha256[:32]
    with landing.locked(cache, key, progress), landing.space(cache):
        folder = cache / key / "hf"
        if (folder / manifest.FILE).exists():
            manifest.check(manifest.read(folder), folder, hashes)
            return folder
        staged = landing.staging(cache, key)
        dtype = gguf_to_hf.convert(stored.gguf, staged, progress=progress)
        made = Manifest(
            name=key,
            id=stored.id,
            kind="hf",
            quantisation=dtype.lower(),
            source=stored.source,
            revision=stored.revision,
            licence="",
            made_from=stored.sha256,
            files=_files(staged),
        )
        return landing.land(cache, staged, made, "hf")


def _files(folder: Path) -> dict[str, tuple[int, str]]:
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    return {path.name: (path.stat().st_size, sha256(path)) for path in paths}


def folder_to_gguf(
    folder: Path, content: str, cache: Path, hashes: HashCache, progress: Progress
) -> Path:
    """The GGUF folder of a Hugging Face folder with this content hash, cached or converted now."""
    key = content[:32]
    with landing.locked(cache, key, progress), landing.space(cache):
        made = cache / key / f"gguf-{DEFAULT_QUANT}"
        if (made / manifest.FILE).exists():
            manifest.check(manifest.read(made), made, hashes)
            return made
        source = Manifest(
            name=key,
            id=folder.name,
            kind="hf",
            quantisation="published",
            source=f"file:{folder}",
            revision=content[:12],
            licence="",
            made_from=content,
            files={},
        )
        return quantised(source, folder, cache, DEFAULT_QUANT, progress)


def quantised(source: Manifest, folder: Path, root: Path, quant: str, progress: Progress) -> Path:
    """Convert a Hugging Face folder to a GGUF of this precision and land it under `root`."""
    staged = landing.staging(root, source.name, "gguf", quant)
    target = staged / f"{source.id.rpartition('/')[2]}.{quant}.gguf"
    _write(folder, target, quant, About(source.name, source.id, source.licence), progress)
    return _land(source, target, root, quant, source.made_from or source.digest)


def requantised(source: Manifest, folder: Path, root: Path, quant: str, progress: Progress) -> Path:
    """Bring a stored GGUF to this precision and land it beside the other. From quantised weights
    only q8_0 is made: it keeps what they hold and runs faster, anything smaller would lose more.

    Raises BadInput for any other.
    """
    if quant not in QUANTS or (quant != "q8_0" and source.quantisation not in _UNQUANTISED):
        raise BadInput(
            f"{source.name} is here in {source.quantisation}, of which no {quant} can be made",
            f"Run: lemmata pull {source.name} --quant {quant} --source hf",
        )
    staged = landing.staging(root, source.name, "gguf", quant)
    target = staged / f"{source.id.rpartition('/')[2]}.{quant}.gguf"
    landing.need_space(staged, 2 * source.size)
    hub_id = source.id if "/" in source.id else ""
    quantise(folder / source.gguf, target, quant, _THREADS, progress, hub_id)
    return _land(source, target, root, quant, source.files[source.gguf][1])


def _land(source: Manifest, target: Path, root: Path, quant: str, made_from: str) -> Path:
    gguf_read.validated(target)
    made = replace(
        source,
        kind="gguf",
        quantisation=quant,
        made_from=made_from,
        files={target.name: (target.stat().st_size, sha256(target))},
    )
    return landing.land(root, target.parent, made, f"gguf-{quant}")


def _write(folder: Path, target: Path, quant: str, about: About, progress: Progress) -> None:
    """Straight to the precisions that need no libllama, through bfloat16 to the others."""
    direct = next((known for known in hf_to_gguf.PRECISIONS if known == quant), None)
    if direct is not None:
        hf_to_gguf.convert(folder, target, direct, about, progress)
        return
    between = target.with_suffix(".between")
    hf_to_gguf.convert(folder, between, "bf16", about, progress)
    quantise(between, target, quant, _THREADS, progress)
    between.unlink()
