"""The adapters of this installation: immutable folders by content hash, names as movable aliases.

    root/objects/<sha256>/   canonical folders, never changed once there
    root/aliases.json        {"name": "<sha256>"}

Writers hold `root/.lock`; readers need none, since every change is one rename.
"""

from __future__ import annotations

import difflib
import json
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock

from lemmata import whole
from lemmata.adapters import archive, canonical, config, manifest
from lemmata.adapters.manifest import Manifest
from lemmata.errors import AdapterRefused, UnknownAdapter
from lemmata.types import AdapterRef


class Registry:
    """Open the registry at `root`; nothing is created before the first `add`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, path: Path | str, name: str | None = None) -> AdapterRef:
        """Take an adapter folder (or its zip) in and let `name` mean it; a name that stood for
        another adapter is moved. Raises AdapterRefused."""
        source = Path(path)
        zipped = source.is_file()
        resolved = source.resolve()
        name = canonical.check_name(name or (resolved.stem if zipped else resolved.name))
        if not zipped:
            return self._take(canonical.read(source), name)
        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.root, prefix=".unpack-") as folder:
            return self._take(canonical.read(archive.unpack(source, Path(folder))), name)

    def _take(self, adapter: canonical.Adapter, name: str) -> AdapterRef:
        self.root.mkdir(parents=True, exist_ok=True)
        digest = adapter.sha256()
        with self._lock():
            folder = self._folder(digest)
            if not folder.exists():
                canonical.write(adapter, folder)
            aliases = self._aliases()
            former = aliases.get(name)
            aliases[name] = digest
            self._store(aliases)
            self._sweep(former, aliases)
        return canonical.reference(adapter, folder, name)

    def get(self, name: str) -> AdapterRef:
        """The adapter of that name, or of that content hash (12 digits or more). Raises
        UnknownAdapter, with the nearest name."""
        aliases = self._aliases()
        if name in aliases:
            return self._reference(name, aliases[name])
        if len(name) >= 12 and all(digit in "0123456789abcdef" for digit in name):
            for digest in set(aliases.values()):
                if digest.startswith(name):
                    return self._reference(name, digest)
        raise self._unknown(name, aliases)

    def list(self) -> tuple[AdapterRef, ...]:
        """All names, sorted, with what each stands for."""
        return tuple(
            self._reference(name, digest) for name, digest in sorted(self._aliases().items())
        )

    def manifest(self, name: str) -> Manifest:
        """What is told of the adapter. Raises UnknownAdapter."""
        return manifest.read(self.get(name).path)

    def alias(self, name: str, existing: str) -> AdapterRef:
        """Let `name` mean what `existing` (a name or content hash) means now."""
        canonical.check_name(name)
        with self._lock():
            ref = self.get(existing)
            aliases = self._aliases()
            former = aliases.get(name)
            aliases[name] = ref.sha256
            self._store(aliases)
            self._sweep(former, aliases)
        return self.get(name)

    def remove(self, name: str) -> None:
        """Forget the name; the folder goes with its last name. Raises UnknownAdapter."""
        with self._lock():
            aliases = self._aliases()
            if name not in aliases:
                raise self._unknown(name, aliases)
            digest = aliases.pop(name)
            self._store(aliases)
            self._sweep(digest, aliases)

    def export(self, name: str, target: Path) -> Path:
        """Write the adapter as a zip; `target` may be a folder. Raises UnknownAdapter."""
        ref = self.get(name)
        return archive.pack(ref.path, target / f"{name}.zip" if target.is_dir() else target)

    def _reference(self, name: str, digest: str) -> AdapterRef:
        """From the small files only: the weights were hashed when they came in, and are again
        before any engine is given them."""
        folder = self._folder(digest)
        told = config.read(folder / canonical.CONFIG)
        base = told.base or manifest.read(folder).base
        return AdapterRef(name, folder.resolve(), digest, base, told.rank, told.alpha)

    def _lock(self) -> FileLock:
        if not self.root.exists():
            self.root.mkdir(parents=True)
        return FileLock(self.root / ".lock")

    def _folder(self, digest: str) -> Path:
        return self.root / "objects" / digest

    def _aliases(self) -> dict[str, str]:
        try:
            read = json.loads((self.root / "aliases.json").read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise AdapterRefused(
                f"{self.root / 'aliases.json'} is damaged", "Add the adapters again."
            ) from error
        return {str(name): str(digest) for name, digest in read.items()}

    def _store(self, aliases: dict[str, str]) -> None:
        whole.write(self.root / "aliases.json", json.dumps(aliases, indent=2, sort_keys=True))

    def _sweep(self, digest: str | None, aliases: dict[str, str]) -> None:
        """Drop a folder that lost its last name. A crash before this leaves only a spare folder."""
        if digest and digest not in aliases.values():
            shutil.rmtree(self._folder(digest), ignore_errors=True)

    def _unknown(self, name: str, aliases: dict[str, str]) -> UnknownAdapter:
        near = difflib.get_close_matches(name, aliases, 1)
        hint = f"Did you mean {near[0]!r}?" if near else "`lemmata adapters list` shows them."
        return UnknownAdapter(f"there is no adapter {name!r}", hint)
