"""Checkers: what it takes for an output, or a returned value, to count as right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from lemmata.verify import compare

if TYPE_CHECKING:
    from lemmata.verify.languages import Language


class OutputChecker(Protocol):
    """Judges what a program wrote to stdout."""

    def wrong(self, got: bytes, expected: bytes) -> str:
        """Why `got` is wrong, in one line; empty if it is right."""
        ...


class ValueChecker(Protocol):
    """Judges the text (inside/primitives.py) of what a function returned."""

    def wrong(self, got: bytes, expected: object) -> str: ...


@dataclass(frozen=True, slots=True)
class Lines:
    """Line by line; blanks at line ends and empty lines at the end do not count."""

    def wrong(self, got: bytes, expected: bytes) -> str:
        return compare.first_difference(_lines(got), _lines(expected), "line")


@dataclass(frozen=True, slots=True)
class Exact:
    """Byte by byte."""

    def wrong(self, got: bytes, expected: bytes) -> str:
        return (
            "" if got == expected else f"{len(got)} bytes differ from the {len(expected)} expected"
        )


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token by token, whatever blanks stand between; `ignore_case` for YES and Yes."""

    ignore_case: bool = False

    def wrong(self, got: bytes, expected: bytes) -> str:
        if self.ignore_case:
            got, expected = got.lower(), expected.lower()
        return compare.first_difference(got.split(), expected.split(), "token")


@dataclass(frozen=True, slots=True)
class Floats:
    """Token by token; where the expected token is a number, within either tolerance of it."""

    relative: float = 1e-6
    absolute: float = 1e-6

    def wrong(self, got: bytes, expected: bytes) -> str:
        mine, wanted = got.split(), expected.split()
        pairs = zip(mine, wanted, strict=False)
        nearer = [want if self._near(have, want) else have for have, want in pairs]
        return compare.first_difference(nearer + mine[len(nearer) :], wanted, "token")

    def _near(self, have: bytes, want: bytes) -> bool:
        try:
            pair = float(have), float(want)
        except ValueError:
            return False
        if b"_" in have:  # Python reads 1_000; no one else does
            return False
        return compare.numbers_near(*pair, self.relative, self.absolute)


@dataclass(frozen=True, slots=True)
class Custom:
    """A program that judges, in a sandbox of its own.

    It is called as `checker input.txt output.txt answer.txt` and ends with 0 for right, 1 or 2 for
    wrong (its output says why), anything else for a fault of its own, as testlib's checkers do.
    """

    source: str
    language: Language = "python"


@dataclass(frozen=True, slots=True)
class Same:
    """The same value of the same types (compare.py)."""

    def wrong(self, got: bytes, expected: object) -> str:
        return compare.same(got, expected)


@dataclass(frozen=True, slots=True)
class Close:
    """The same, but numbers within either tolerance, and an int where a float stands or back."""

    relative: float = 1e-6
    absolute: float = 1e-6

    def wrong(self, got: bytes, expected: object) -> str:
        return compare.close(got, expected, self.relative, self.absolute)


@dataclass(frozen=True, slots=True)
class Json:
    """The same after JSON: for tests from files, which know neither tuples nor integer keys."""

    def wrong(self, got: bytes, expected: object) -> str:
        return compare.json_same(got, expected)


def _lines(data: bytes) -> list[bytes]:
    return [line.rstrip() for line in data.rstrip().split(b"\n")]
