"""The file of soft labels: for every row the k likeliest tokens at each learnt position.

One safetensors file. `ids` and `starts` hold the rows themselves (so that what belongs to which row
is a matter of token ids and of nothing else), `tokens` [m, k] int32 and `logprobs` [m, k] float32
the labels of all learnt positions, row after row; `row_ends` and `label_ends` say where each row
ends in them. The header names the teacher, the tokenizer's hash and k.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from lemmata.errors import BadInput
from lemmata.train.rows import Row
from lemmata.train.run_dir import write_bytes

FORMAT = "lemmata-soft-labels-1"
Key = tuple[tuple[int, ...], int]
"""A row's ids and where it begins to be learnt."""


@dataclass(frozen=True, slots=True)
class SoftLabels:
    """A read file; `teacher` says who made it. Look rows up with `of`."""

    path: Path
    teacher: str
    sha256: str
    rows: tuple[Row, ...]
    k: int
    _labels: dict[Key, tuple[NDArray[np.int32], NDArray[np.float32]]]

    def of(self, row: Row) -> tuple[NDArray[np.int32], NDArray[np.float32]] | None:
        """The tokens and log-probabilities of a row, each [learnt, k]; None: it is not in here."""
        return self._labels.get((row.ids, row.start))

    def check(self, rows: Sequence[Row]) -> None:
        """Raises BadInput where a row is missing: labels for other token ids teach nonsense."""
        missing = sum(self.of(row) is None for row in rows)
        if missing:
            raise BadInput(
                f"{self.path.name} has no soft labels for {missing} of {len(rows)} rows: it was "
                "made for other rows, another role or another template",
                "Make it again from this recipe: lemmata train teach.",
            )


class Writer:
    """Gathers labels row by row; `write` puts the file in its place at once."""

    def __init__(self, teacher: str, tokenizer_sha256: str, k: int) -> None:
        self._about = {"format": FORMAT, "teacher": teacher, "tokenizer_sha256": tokenizer_sha256,
                       "k": str(k)}  # fmt: skip
        self._rows: list[Row] = []
        self._tokens: list[NDArray[np.int32]] = []
        self._logprobs: list[NDArray[np.float32]] = []

    def add(self, row: Row, tokens: NDArray[np.int32], logprobs: NDArray[np.float32]) -> None:
        """`tokens` and `logprobs` [learnt, k], likeliest first."""
        assert tokens.shape == logprobs.shape == (len(row.ids) - row.start, int(self._about["k"]))
        self._rows.append(row)
        self._tokens.append(tokens.astype(np.int32))
        self._logprobs.append(logprobs.astype(np.float32))

    @property
    def rows(self) -> int:
        return len(self._rows)

    @property
    def tokens(self) -> int:
        """Labelled positions."""
        return sum(len(part) for part in self._tokens)

    def write(self, path: Path) -> None:
        """Raises OSError, DiskFull."""
        steps = [step for row in self._rows for step in row.steps]
        arrays = {
            "ids": np.array([token for row in self._rows for token in row.ids], np.int32),
            "starts": np.array([row.start for row in self._rows], np.int32),
            "steps": np.array(steps, np.int32),
            "row_ends": np.cumsum([len(row.ids) for row in self._rows]).astype(np.int64),
            "label_ends": np.cumsum([len(part) for part in self._tokens]).astype(np.int64),
            "tokens": np.concatenate(self._tokens),
            "logprobs": np.concatenate(self._logprobs),
        }
        write_bytes(path, save(arrays, self._about))


def read(path: Path, tokenizer_sha256: str, vocabulary: int) -> SoftLabels:
    """Read and check a file of soft labels. Raises BadInput: broken, or of another tokenizer."""
    about, arrays = _opened(path)
    if about.get("tokenizer_sha256") != tokenizer_sha256:
        raise BadInput(
            f"{path.name} was made with another tokenizer than the base's",
            "A teacher must share the base's tokenizer; make the file with one that does.",
        )
    try:
        entries = list(_entries(arrays, vocabulary))
    except (ValueError, IndexError, KeyError) as error:
        raise _broken(path, str(error)) from error
    labels = {(row.ids, row.start): (tokens, logprobs) for row, tokens, logprobs in entries}
    rows = tuple(row for row, _, _ in entries)
    return SoftLabels(
        path, about.get("teacher", ""), _sha256(path), rows, arrays["tokens"].shape[1], labels
    )


def _opened(path: Path) -> tuple[dict[str, str], dict[str, NDArray[np.generic]]]:
    if not path.is_file():
        raise BadInput(f"there is no file of soft labels {path}", "Make it: lemmata train teach.")
    try:
        with safe_open(path, "np") as file:
            about = file.metadata() or {}
            if about.get("format") != FORMAT:
                raise _broken(path, f"it is not of the form {FORMAT}")
            return about, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise _broken(path, str(error)) from error


def _entries(
    arrays: dict[str, NDArray[np.generic]], vocabulary: int
) -> Iterator[tuple[Row, NDArray[np.int32], NDArray[np.float32]]]:
    """The rows with their labels. Raises ValueError, IndexError, KeyError where they do not fit."""
    tokens, logprobs = arrays["tokens"].astype(np.int32), arrays["logprobs"].astype(np.float32)
    if tokens.shape != logprobs.shape or tokens.ndim != 2:
        raise ValueError("tokens and log-probabilities differ in shape")
    if not tokens.size:
        raise ValueError("there is none")
    if not 0 <= tokens.min() <= tokens.max() < vocabulary:
        raise ValueError("a token is not in the vocabulary")
    if not (np.isfinite(logprobs).all() and (logprobs <= 1e-4).all()):
        raise ValueError("a log-probability is not one")
    if (np.exp(logprobs.astype(np.float64)).sum(1) > 1 + 1e-3).any():
        raise ValueError("the probabilities of a position sum to more than 1")
    ids, steps = arrays["ids"].tolist(), arrays["steps"].tolist()
    begun = learnt = 0
    ends = zip(arrays["row_ends"].tolist(), arrays["label_ends"].tolist(),
               arrays["starts"].tolist(), strict=True)  # fmt: skip
    for row_end, label_end, start in ends:
        row = Row(tuple(ids[begun:row_end]), start, tuple(steps[learnt:label_end]))
        if not 0 < start < len(row.ids) or len(row.ids) - start != label_end - learnt:
            raise ValueError("its rows and labels do not fit together")
        yield row, tokens[learnt:label_end], logprobs[learnt:label_end]
        begun, learnt = row_end, label_end
    if learnt != len(tokens):
        raise ValueError("its rows and labels do not fit together")


def _broken(path: Path, why: str) -> BadInput:
    return BadInput(
        f"{path.name} holds no soft labels: {why}", "Make it again: lemmata train teach."
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
