"""Parquet, through pyarrow, in batches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lemmata.data.row import Raw
from lemmata.errors import BadData, MissingExtra

_BATCH = 1024


def rows(path: Path, _encoding: str) -> Iterator[Raw]:
    """The records, numbered from 1. Raises BadData for a damaged file, MissingExtra."""
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtra("pyarrow", "data") from error
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH):
                for fields in batch.to_pylist():
                    number += 1
                    yield Raw(path.name, number, fields)
    except (arrow.ArrowException, OSError) as error:
        line = str(error).splitlines()[0]
        raise BadData(
            f"{path.name} breaks after row {number}: {line}", "Fetch or write it again."
        ) from error
