"""The models on this machine: find, fetch, list, remove.

    LEMMATA_HOME/models/NAME/gguf-q8_0/   a GGUF in one precision, and model.json
    LEMMATA_HOME/models/NAME/hf/          the Hugging Face folder, where it came as one
    LEMMATA_HOME/cache/hf/HASH/hf/        a folder converted from a GGUF
    LEMMATA_HOME/cache/gguf/HASH/…        a GGUF converted from a folder named by its path

Every use checks the files against model.json (sizes always, hashes whenever a file's stamps moved:
`hashes`), so a damaged or half-fetched model is refused and never served.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from lemmata.errors import ModelRefused, UnknownModel
from lemmata.models import catalog, gguf_read, hf_folder, landing, manifest
from lemmata.models import fetch as fetching
from lemmata.models.conversion import folder_to_gguf, gguf_to_folder
from lemmata.models.hashes import HashCache
from lemmata.models.manifest import Manifest
from lemmata.models.progress import Progress, silent
from lemmata.models.stored import StoredModel
from lemmata.settings import Settings

Copies = list[tuple[Manifest, Path]]
"""What is stored, each with its folder."""
Folders = list[Path]
_BEST_FIRST = ("f32", "bf16", "f16", "q8_0", "q6_k", "q5_k_m", "q4_k_m")


class Store:
    """All methods raise the errors of `lemmata.errors` and nothing else."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._root = settings.models_dir
        self._hashes = HashCache(settings.cache_dir / "hashes")

    def get(self, spec: str | Path, progress: Progress = silent) -> StoredModel:
        """The model called `NAME`, `NAME:QUANT` or by its hub id, or the one at a path (a .gguf,
        or a Hugging Face folder, which is converted once and cached). Never downloads.

        Raises UnknownModel where it is not here, ModelRefused where it is damaged.
        """
        path = _as_path(spec)
        if path is None:
            return self._named(str(spec))
        return self._folder(path, progress) if path.is_dir() else self._file(path)

    def pull(
        self,
        spec: str,
        progress: Progress = silent,
        quant: str | None = None,
        source: str | None = None,
    ) -> StoredModel:
        """Fetch a model unless it is here and sound. `spec`: a catalog name, a hub id or an
        address (`hf:ORG/NAME`); `quant`: f32, f16, bf16, q8_0, q4_k_m; `source`: only this one.
        """
        spec, asked = _split(spec)
        entry = catalog.find(spec)
        fetching.check(entry, quant or asked, source)
        quant = quant or asked or (entry.quant if entry.wheel is not None else None)
        wanted = f"{entry.name}:{quant}" if quant else entry.name
        with landing.locked(self._root, entry.name, progress), landing.space(self._root):
            try:
                return self._whole(wanted)
            except (UnknownModel, ModelRefused):
                fetching.fetch(
                    entry, self._settings, self._hashes, progress, quant=quant, source=source
                )
            return self._whole(wanted)

    def list(self) -> Copies:
        """What is here, each with its folder; one with a damaged manifest is left out."""
        return _readable(sorted(self._root.glob("[!.]*/*")))

    def remove(self, spec: str, progress: Progress = silent) -> int:
        """Remove a model, or one precision of it (`NAME:QUANT`), and what was converted from it,
        damaged or not; gives the bytes freed. Adapters stay."""
        name, quant = _split(spec)
        name = _name_of(name)
        with landing.locked(self._root, name, progress):
            here = self._artefacts(name)
            doomed = [folder for each, folder in here.items() if quant in {None, each}]
            if not doomed:
                raise self._absent(spec)
            for stored, _ in _readable(doomed):
                doomed += self._converted(stored)
            return sum(landing.discard(self._root, folder) for folder in doomed)

    def _artefacts(self, name: str) -> dict[str, Path]:
        """The folders of a model by precision; "hf" is the Hugging Face one."""
        folders = sorted((self._root / name).glob("*"))
        return {folder.name.removeprefix("gguf-"): folder for folder in folders}

    def _converted(self, stored: Manifest) -> Folders:
        """What the cache holds that was converted from this GGUF."""
        if stored.kind != "gguf":
            return []
        key = stored.files[stored.gguf][1][:32]
        return sorted((self._settings.cache_dir / "hf" / key).glob("*"))

    def hf_dir(self, stored: StoredModel, progress: Progress = silent) -> Path:
        """A Hugging Face folder of the model that transformers loads without a network; converted
        from the GGUF and cached where the model did not come as one."""
        if stored.hf is not None and (stored.hf / manifest.FILE).exists():
            manifest.check(manifest.read(stored.hf), stored.hf, self._hashes)
            return stored.hf
        if stored.hf is not None:
            return stored.hf
        cache = self._settings.cache_dir / "hf"
        return gguf_to_folder(self._published(stored), cache, self._hashes, progress)

    def _published(self, stored: StoredModel) -> StoredModel:
        """The GGUF that this one was quantised from, where it is still here; else itself."""
        for found, folder in _readable(sorted((self._root / stored.name).glob("gguf-*"))):
            if found.files[found.gguf][1] == stored.made_from:
                manifest.check(found, folder, self._hashes)
                return _stored(found, folder, None)
        return stored

    def _named(self, spec: str) -> StoredModel:
        name, quant = _split(spec)
        name = _name_of(name)
        here = self._artefacts(name)
        hf = here.pop("hf", None)
        wanted = quant or _preferred(name, set(here))
        if wanted is None or wanted not in here:
            raise self._absent(spec)
        found = manifest.read(here[wanted])
        manifest.check(found, here[wanted], self._hashes)
        return _stored(found, here[wanted], hf)

    def _whole(self, spec: str) -> StoredModel:
        """The same, with the folder it was converted from checked too."""
        stored = self._named(spec)
        if stored.hf is not None:
            manifest.check(manifest.read(stored.hf), stored.hf, self._hashes)
        return stored

    def _absent(self, spec: str) -> UnknownModel:
        """The error for a name: not fetched yet, or not a name at all."""
        name, quant = _split(spec)
        if self._artefacts(name) and quant:
            return UnknownModel(
                f"{name} is not here in {quant}", f"Run: lemmata pull {name} --quant {quant}"
            )
        if _name_of(name) in catalog.load():
            return UnknownModel(f"{spec} has not been fetched yet", f"Run: lemmata pull {spec}")
        here = {folder.name for folder in self._root.glob("[!.]*")}
        return catalog.unknown(spec, sorted({*catalog.load(), *here}))

    def _file(self, path: Path) -> StoredModel:
        header = gguf_read.validated(path)
        digest = self._hashes.sha256(path)
        name = str(header.metadata.get("general.name") or path.stem)
        return StoredModel(
            name=path.stem,
            id=_known_id(digest) or gguf_read.hub_id(header) or name,
            gguf=path,
            sha256=digest,
            hf=None,
            source=f"file:{path}",
            revision=digest[:12],
            quantisation=gguf_read.quantisation(header),
        )

    def _folder(self, path: Path, progress: Progress) -> StoredModel:
        content = hashlib.sha256()
        for file in hf_folder.files(path):
            content.update(f"{file.name} {self._hashes.sha256(file)}\n".encode())
        cache = self._settings.cache_dir / "gguf"
        folder = folder_to_gguf(path, content.hexdigest(), cache, self._hashes, progress)
        return _stored(manifest.read(folder), folder, path)


def _readable(folders: Folders) -> Copies:
    found = []
    for folder in folders:
        with suppress(ModelRefused):
            found.append((manifest.read(folder), folder))
    return found


def _split(spec: str) -> tuple[str, str | None]:
    """NAME:QUANT into its parts; addresses (`hf:ORG/NAME`) stay whole."""
    name, colon, quant = spec.partition(":")
    if not colon or name in catalog.SCHEMES:
        return spec, None
    return name, quant.lower()


def _name_of(spec: str) -> str:
    """The store's name for what a person wrote: a name, a hub id or an address."""
    try:
        return catalog.find(spec).name
    except UnknownModel:
        return spec.rpartition("/")[2].lower()


def _as_path(spec: str | Path) -> Path | None:
    """The path that is meant, or None for a name. Raises ModelRefused for a path to nothing."""
    path = Path(spec).expanduser()
    written = str(spec)
    looks = (
        isinstance(spec, Path) or written.endswith(".gguf") or written.startswith((".", "/", "~"))
    )
    if path.exists() and (looks or "/" in written):
        return path
    if looks:
        raise ModelRefused(f"there is no model at {path}")
    return None


def _preferred(name: str, here: set[str]) -> str | None:
    """What is served when no precision is asked for: the catalog's, else the most precise."""
    known = catalog.load().get(name)
    usual = known.quant if known is not None else catalog.DEFAULT_QUANT
    if usual in here:
        return usual
    return next((quant for quant in _BEST_FIRST if quant in here), min(here, default=None))


def _stored(found: Manifest, folder: Path, hf: Path | None) -> StoredModel:
    return StoredModel(
        name=found.name,
        id=found.id,
        gguf=folder / found.gguf,
        sha256=found.files[found.gguf][1],
        hf=hf,
        source=found.source,
        revision=found.revision,
        quantisation=found.quantisation,
        made_from=found.made_from,
    )


def _known_id(digest: str) -> str | None:
    """The hub id of a GGUF that the catalog pins, wherever the file lies now."""
    for entry in catalog.load().values():
        if entry.wheel is not None and entry.wheel.member_sha256 == digest:
            return entry.id
    return None
