"""CSV and its kin (comma, semicolon, tab): the first line names the columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from lemmata.data import encoding
from lemmata.data.row import Raw
from lemmata.errors import BadData

_DELIMITERS = ",\t;"


def delimiter(header: str) -> str:
    """The delimiter that splits the header into most columns."""
    return max(_DELIMITERS, key=header.count)


def looks_like(header: str) -> bool:
    """At least two short column names, all plain words."""
    names = header.replace('"', "").split(delimiter(header))
    return len(names) > 1 and all(
        name.strip().replace("_", "a").replace(" ", "a").isalnum() and len(name) < 40
        for name in names
    )


def rows(path: Path, text_encoding: str) -> Iterator[Raw]:
    """The records; `line` is the last line of a record that spans several.

    Raises BadData for a quote that never closes, because all that follows would be one field.
    """
    csv.field_size_limit(encoding.LONGEST)
    texts = _texts(path, text_encoding)
    header_line = next(texts)
    header = next(csv.reader([header_line], delimiter=delimiter(header_line)))
    names = [name.strip() for name in header]
    _refuse_doubles(path, names)
    reader = csv.reader(texts, delimiter=delimiter(header_line), strict=True)
    try:
        for record in reader:
            if record:
                yield _row(path.name, reader.line_num + 1, names, record)
    except csv.Error as error:
        raise BadData(
            f"{path.name} breaks before line {reader.line_num + 1}: {error}",
            "Mend the quotes there, or save it as JSON lines.",
        ) from error


def _texts(path: Path, text_encoding: str) -> Iterator[str]:
    for line in encoding.lines(path, text_encoding):
        # A line left out could hold a quote; a damaged one costs only its own record, later.
        if line.fault and not line.text:
            raise BadData(f"{path.name}:{line.number}: {line.fault}", "Check its quotes.")
        yield line.text + "\n"


def _refuse_doubles(path: Path, names: list[str]) -> None:
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise BadData(f"{path.name} has two columns named {doubled[0]!r}", "Rename one of them.")


def _row(source: str, line: int, names: list[str], record: list[str]) -> Raw:
    if len(record) != len(names):
        fault = f"{len(record)} columns where the header has {len(names)}"
        return Raw(source, line, fault=fault)
    return Raw(source, line, dict(zip(names, record, strict=True)))
