"""`file:` – a GGUF or a Hugging Face folder that is on this machine already, copied in."""

from __future__ import annotations

import shutil
from pathlib import Path

from lemmata.errors import ModelRefused
from lemmata.models import gguf_read, hf_folder
from lemmata.models.hashes import sha256
from lemmata.models.manifest import Kind
from lemmata.models.progress import Progress
from lemmata.models.sources.fetched import Fetched


class LocalFile:
    """A path; whatever is there is checked before it is copied."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.kind: Kind = "hf" if path.is_dir() else "gguf"

    def fetch(self, folder: Path, progress: Progress) -> Fetched:
        if self.kind == "hf":
            paths = hf_folder.files(self._path)
        elif self._path.is_file():
            gguf_read.validated(self._path)
            paths = [self._path]
        else:
            raise ModelRefused(f"there is no model file at {self._path}")
        files = {}
        for done, path in enumerate(paths, start=1):
            shutil.copyfile(path, folder / path.name)
            files[path.name] = (path.stat().st_size, sha256(folder / path.name))
            progress("copying", done, len(paths))
        return Fetched("local", files)
