"""Test-set contamination: no run of ten tokens of a test problem may stand in a training row.

A set is kept as hashed n-grams (`lemmata.data.ngrams`), so the shipped sets hold no text of the
benchmarks. A problem shorter than ten tokens counts as a whole. A row is contaminated by one match,
in its problem or its completion. On GSM8K's own 7,473 training rows this finds 11, each a
rewording of a test problem with other numbers.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lemmata.data import ngrams
from lemmata.data.ngrams import Hashes
from lemmata.errors import BadData

GRAM = 10
_COLUMNS = ("question", "problem", "query", "instruction", "prompt", "en", "zh")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A test set's hashed n-grams: sorted 48-bit values."""

    name: str
    grams: Hashes

    def places(self, grams: Hashes) -> NDArray[np.intp]:
        """Which of a text's grams stand in the set."""
        if not len(self.grams):
            return np.empty(0, np.intp)
        found = np.searchsorted(self.grams, grams)
        found[found == len(self.grams)] = 0
        return np.flatnonzero(self.grams[found] == grams)


def match(sets: Sequence[Fingerprint], words: Sequence[str]) -> str:
    """The first set that a text repeats, with the run of tokens: "NAME: …"; "" where none is."""
    grams = _grams(words)
    for known in sets:
        if len(places := known.places(grams)):
            return f"{known.name}: {' '.join(words[places[0] : places[0] + GRAM])}"
    return ""


def of_texts(name: str, texts: Iterable[str]) -> Fingerprint:
    """The fingerprint of a test set from its problems."""
    each = [_grams(ngrams.tokens(text)) for text in texts]
    none: Hashes = np.empty(0, np.uint64)
    return Fingerprint(name, np.unique(np.concatenate([none, *each])))


def of_raw(name: str, rows: Iterable[Mapping[str, Any]]) -> Fingerprint:
    """The fingerprint of any file of problems, whether or not it has solutions.

    Raises BadData where no row has a question.
    """
    texts = [text for fields in rows for text in _questions(fields)]
    if not texts:
        raise BadData(f"{name} has no questions", f"Name the column one of {', '.join(_COLUMNS)}.")
    return of_texts(name, texts)


def _questions(fields: Mapping[str, Any]) -> list[str]:
    """A row's problem texts; of a conversation the user's turns."""
    found = [fields[name] for name in _COLUMNS if isinstance(fields.get(name), str)]
    turns = fields.get("messages") or fields.get("conversations") or []
    found += [
        turn.get("content", turn.get("value"))
        for turn in (turns if isinstance(turns, list) else [])
        if isinstance(turn, dict) and turn.get("role", turn.get("from")) in {"user", "human"}
    ]
    return [text for text in found if isinstance(text, str) and text.strip()]


def _grams(words: Sequence[str]) -> Hashes:
    """All n-grams of a text, or its one shorter gram, by their upper 48 bits."""
    hashed = ngrams.hashes(words, min(GRAM, max(1, len(words))))
    return np.asarray(hashed >> np.uint64(16))


def shipped() -> tuple[Fingerprint, ...]:
    """The benchmarks whose fingerprints come with the package (bench/fingerprint.py makes them)."""
    folder = files("lemmata.data") / "fingerprints"
    listing = json.loads((folder / "sets.json").read_text("utf-8"))
    if listing["ngrams"] != ngrams.VERSION or listing["gram"] != GRAM:
        raise RuntimeError("the fingerprints are of another version: run bench/fingerprint.py")
    with np.load(io.BytesIO((folder / "sets.npz").read_bytes()), allow_pickle=False) as packed:
        return tuple(Fingerprint(name, unpack(packed[name])) for name in listing["sets"])


def pack(grams: Hashes) -> NDArray[np.uint8]:
    """Shape [6, n]: the byte planes of the steps between sorted values, which compress well."""
    steps = np.diff(grams, prepend=np.uint64(0)).astype("<u8")
    return np.ascontiguousarray(steps.view(np.uint8).reshape(-1, 8)[:, :6].T)


def unpack(planes: NDArray[np.uint8]) -> Hashes:
    """The inverse of `pack`."""
    steps = np.zeros((planes.shape[1], 8), np.uint8)
    steps[:, :6] = planes.T
    return np.cumsum(steps.view("<u8").ravel(), dtype=np.uint64)
