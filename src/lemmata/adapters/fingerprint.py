"""One hash for a base model at every quantisation.

Quantisers leave the RMS norms in float32, and tuning a model anew moves them; so the hash of the
norms tells two sets of weights apart and is the same for F16, Q8_0 and Q4_K_M of one set.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from gguf.constants import GGMLQuantizationType

from lemmata.models import gguf_header

_AS_FLOAT = {GGMLQuantizationType.F32: "<f4", GGMLQuantizationType.F16: "<f2"}


@lru_cache(maxsize=16)
def _header(path: Path, size: int, changed_ns: int) -> gguf_header.Header:
    del size, changed_ns  # part of the cache key: a replaced file is read anew
    return gguf_header.read(path)


def header(path: Path) -> gguf_header.Header:
    """The header of a base GGUF, read once for each state of the file."""
    stat = path.stat()
    return _header(path.resolve(), stat.st_size, stat.st_mtime_ns)


def of_gguf(path: Path) -> str | None:
    """SHA-256 over the norms of a GGUF as float32, sorted by name; None where one is quantised.

    Raises ModelRefused for a file that is no sound GGUF.
    """
    head, digest = header(path), hashlib.sha256()
    for name in sorted(head.tensors):
        if not name.endswith("norm.weight"):
            continue
        kind = _AS_FLOAT.get(head.tensors[name].type)
        if kind is None:
            return None
        values = head.raw(name).view(kind).astype("<f4")
        digest.update(name.encode() + values.tobytes())
    return digest.hexdigest()
