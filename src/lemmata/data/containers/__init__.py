"""Files to raw rows: one container a file, each with `rows(path, encoding) -> Iterator[Raw]`.

`detect` goes by content, not by name: a file called .json that holds JSON lines is read as such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from lemmata.data import encoding
from lemmata.data.containers import array, delimited, lines, parquet
from lemmata.data.row import Raw
from lemmata.errors import BadData

Rows = Callable[[Path, str], Iterator[Raw]]

READERS: dict[str, Rows] = {
    "JSON": array.rows,
    "JSONL": lines.rows,
    "CSV": delimited.rows,
    "Parquet": parquet.rows,
}

_COMPRESSED = {b"\x1f\x8b": "gzip", b"PK": "zip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2"}


def detect(path: Path) -> tuple[str, str]:
    """The container's name and the encoding. Raises BadData for a file that is none of them."""
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"PAR1"):
        return "Parquet", "binary"
    for magic, kind in _COMPRESSED.items():
        if head.startswith(magic):
            raise BadData(f"{path} is {kind}-compressed", "Unpack it first.")
    text_encoding = guess_text(path, head)
    begun = encoding.beginnings(path, text_encoding, 2)
    if not begun:
        raise BadData(f"{path} is empty", "Give a file with rows.")
    return _by_first_line(path, begun[0], alone=len(begun) == 1), text_encoding


def guess_text(path: Path, head: bytes) -> str:
    """The encoding of a text file. Raises BadData for a binary one (UTF-16 has NULs of its own)."""
    name = encoding.guess(path)
    if b"\0" in head and name not in {"utf-16", "utf-32"}:
        raise BadData(f"{path} is not a text file", "Give JSON, JSONL, CSV or Parquet.")
    return name


def _by_first_line(path: Path, first: str, alone: bool) -> str:
    if first.startswith("["):
        return "JSON"
    if first.startswith("{"):
        whole = lines.parse(first) is not None and not alone
        return "JSONL" if whole or path.suffix.lower() != ".json" else "JSON"
    if path.suffix.lower() in {".jsonl", ".ndjson"}:
        return "JSONL"
    if delimited.looks_like(first) or path.suffix.lower() in {".csv", ".tsv"}:
        return "CSV"
    raise BadData(
        f"{path} is neither JSON, JSONL, CSV nor Parquet", "Its first line is no row and no header."
    )
