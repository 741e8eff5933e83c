"""A JSON document: an array of objects, or an object that holds such arrays ("data", "train", …).

Read in pieces, so a document larger than memory is no trouble. A broken document cannot be read
beyond the break (there is no line to resume at): BadData names the line, nothing is kept silently.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from lemmata.data.containers.lines import DECODER, from_value
from lemmata.data.encoding import LONGEST
from lemmata.data.row import Raw
from lemmata.errors import BadData

_PIECE = 1 << 16


def rows(path: Path, text_encoding: str) -> Iterator[Raw]:
    """The objects of the document, numbered from 1. Raises BadData where the JSON breaks."""
    with path.open("r", encoding=text_encoding, errors="surrogateescape") as file:
        scanner = _Scanner(file, path)
        if scanner.peek() == "[":
            yield from _numbered(path, (("", value) for value in scanner.elements()))
        else:
            yield from _numbered(path, _of_object(scanner))
        if scanner.peek():
            scanner.fail("more text after the end of the document")


def _numbered(path: Path, values: Iterator[tuple[str, Any]]) -> Iterator[Raw]:
    for number, (part, value) in enumerate(values, 1):
        yield replace(from_value(path.name, number, value), part=part)


def _of_object(scanner: _Scanner) -> Iterator[tuple[str, Any]]:
    """The elements of an object's arrays, with their keys; an object without arrays of objects is
    itself a row."""
    fields: dict[str, Any] = {}
    found = False
    for key in scanner.fields():
        if scanner.peek() != "[":
            fields[key] = scanner.value()
            continue
        plain = []
        for element in scanner.elements():
            if isinstance(element, dict) and key not in {"messages", "conversations"}:
                found = True
                yield key, element
            else:
                plain.append(element)
        fields[key] = plain
    if not found:
        yield "", fields


class _Scanner:
    """Walks a JSON text that is read as needed; `line` counts from 1."""

    def __init__(self, file: TextIO, path: Path) -> None:
        self._file, self._path = file, path
        self._text, self._at, self._line = "", 0, 1
        self._ended = False

    def _more(self) -> bool:
        piece = "" if self._ended else self._file.read(max(_PIECE, len(self._text) - self._at))
        self._ended = not piece
        self._line += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :] + piece, 0
        return bool(piece)

    def peek(self) -> str:
        """The next character that is not white space, "" at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n\ufeff":
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def fail(self, reason: str) -> None:
        line = self._line + self._text.count("\n", 0, self._at)
        raise BadData(
            f"{self._path.name} breaks at line {line}: {reason}",
            "Mend the JSON there, or save it as JSON lines, where a bad row costs only itself.",
        )

    def take(self, char: str) -> None:
        if self.peek() != char:
            self.fail(f"{char!r} expected, not {self.peek()!r}")
        self._at += 1

    def value(self) -> Any:
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
                # A number or a word that touches the end of the piece may go on in the next.
                if end < len(self._text) or not self._more():
                    self._at = end
                    return value
            except RecursionError:
                self.fail("nested too deeply")
            except ValueError as error:
                if len(self._text) - self._at > LONGEST or not self._more():
                    self.fail(error.msg if isinstance(error, json.JSONDecodeError) else str(error))

    def elements(self) -> Iterator[Any]:
        """The values of the array that begins here."""
        self.take("[")
        if self.peek() == "]":
            return self.take("]")
        while True:
            yield self.value()
            if self.peek() != ",":
                return self.take("]")
            self.take(",")

    def fields(self) -> Iterator[str]:
        """The keys of the object that begins here; the caller consumes each value."""
        self.take("{")
        if self.peek() == "}":
            return self.take("}")
        while True:
            if self.peek() != '"':
                self.fail("a key expected")
            key = str(self.value())
            self.take(":")
            yield key
            if self.peek() != ",":
                return self.take("}")
            self.take(",")
