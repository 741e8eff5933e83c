"""Adapter folders as zip files: written plainly, read with suspicion."""

from __future__ import annotations

import errno
import shutil
import zipfile
import zlib
from pathlib import Path

from lemmata import whole
from lemmata.adapters import canonical
from lemmata.adapters.manifest import FILE as MANIFEST
from lemmata.errors import AdapterRefused

_FILES = (canonical.CONFIG, canonical.WEIGHTS, MANIFEST)
_OPTIONAL = {MANIFEST}
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""What zip programs write unless told; the others may ask for gigabytes to unpack with."""
_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error)


def pack(folder: Path, target: Path) -> Path:
    """Write the folder's known files to `target`, whole or not at all; same folder, same bytes."""
    with whole.beside(target) as new, zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in _FILES:
            archive.writestr(_entry(part), (folder / part).read_bytes())
    return target


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def unpack(archive: Path, folder: Path, largest: int = 1 << 30) -> Path:
    """Unpack the known files of an adapter zip into the empty `folder`, at most `largest` bytes.

    They may stand at the top or in one folder. Raises AdapterRefused for anything that is no such
    zip; names with `..`, links and other files never reach the disk.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            for name, info in _members(opened).items():
                largest -= _copy(opened, info, folder / name, largest)
    except (*_BROKEN, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # not a place in the file
            raise
        raise AdapterRefused(f"{archive.name} is no zip file that can be read") from error
    return folder


def _members(opened: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    for info in opened.infolist():
        name = info.filename.rsplit("/", 1)[-1]
        if name in _FILES and info.filename.count("/") <= 1:
            if name in found:
                raise AdapterRefused(f"the zip holds {name} twice")
            if info.compress_type not in _PACKINGS:
                raise AdapterRefused(f"{name} is packed in an unusual way", "Zip it with deflate.")
            found[name] = info
    missing = [name for name in _FILES if name not in found and name not in _OPTIONAL]
    if missing:
        raise AdapterRefused(f"the zip holds no {missing[0]}")
    return found


def _copy(opened: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, room: int) -> int:
    """Bytes written; counted as they come, since the zip's own figures may lie."""
    with opened.open(info) as source, target.open("xb") as file:
        written = 0
        while chunk := source.read(1 << 20):
            written += len(chunk)
            if written > room:
                shutil.rmtree(target.parent, ignore_errors=True)
                raise AdapterRefused("the zip unpacks to more than an adapter may hold")
            file.write(chunk)
    return written
