"""Bytes of a text file to numbered lines, whatever editor wrote it.

A byte-order mark decides; without one the file is UTF-8, or GB18030 where UTF-8 fails and the text
then reads as Chinese. Bytes that fit neither become lone surrogates (`surrogateescape`), so one bad
line is one bad row and not the end of the file.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

LONGEST = 8 * 1024 * 1024
"""Characters of the longest line that is read; a longer one is skipped in pieces."""

_SAMPLE = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DAMAGE = re.compile("[\ud800-\udfff\ufffd]")
_HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


@dataclass(frozen=True, slots=True)
class Line:
    """Line `number` of a file, from 1, without its end; `fault` says why it cannot be used."""

    number: int
    text: str
    fault: str = ""


def guess(path: Path) -> str:
    """The name of the encoding, by byte-order mark or by the first MiB."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    # Judged by the line: one bad byte does not turn a UTF-8 file into something else.
    beyond = [line for line in sample.split(b"\n") if not line.isascii()]
    utf8 = sum(_decodes(line, "utf-8") for line in beyond)
    if 2 * utf8 >= len(beyond) or not _reads_as_chinese(sample):
        return "utf-8"
    return "gb18030"


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _reads_as_chinese(sample: bytes) -> bool:
    """Nine in ten of the characters beyond ASCII are Han or Chinese punctuation."""
    text = codecs.getincrementaldecoder("gb18030")(errors="replace").decode(sample)
    beyond = "".join(char for char in text if ord(char) > 127)
    return len(_HAN.findall(beyond)) >= 0.9 * len(beyond)


def beginnings(path: Path, encoding: str, count: int) -> list[str]:
    """The first `count` lines that are not blank, stripped; of a line longer than `LONGEST`, as a
    document without line ends is, its pieces."""
    with _opened(path, encoding) as file:
        pieces = iter(lambda: file.readline(LONGEST), "")
        return list(islice((text for piece in pieces if (text := piece.strip())), count))


def _opened(path: Path, encoding: str) -> TextIO:
    # Wide encodings cannot escape a broken byte; they replace it, which `unusable` sees as well.
    errors = "replace" if encoding in {"utf-16", "utf-32"} else "surrogateescape"
    return path.open("r", encoding=encoding, errors=errors, newline="\n")


def lines(path: Path, encoding: str) -> Iterator[Line]:
    """The lines of a file, in memory bounded by `LONGEST`; LF, CRLF and lone NULs are handled."""
    number = 0
    with _opened(path, encoding) as file:
        while text := file.readline(LONGEST):
            number += 1
            if len(text) == LONGEST and not text.endswith("\n"):
                while (rest := file.readline(LONGEST)) and not rest.endswith("\n"):
                    pass
                yield Line(number, "", f"line longer than {LONGEST >> 20} Mi characters")
                continue
            text = text.removesuffix("\n").removesuffix("\r")
            yield Line(number, text, unusable(text))


def unusable(text: str) -> str:
    """Why a text cannot be trained on or written as UTF-8, or ""."""
    if "\0" in text:
        return "NUL byte"
    if _DAMAGE.search(text):
        return "bytes that are not text in the file's encoding"
    return ""
