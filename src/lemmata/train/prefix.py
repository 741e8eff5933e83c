"""States below the first adapted layer: computed once a row, kept on disk for the later epochs.

Nothing below that layer is learnt and dropout is the adapters' alone, so a row's states there never
change. They are always computed for a row on its own: then what is read back has the very bits of
what would be computed, and a run with the cache ends in the bits of a run without.

    cache/KEY.states    [tokens, d] of the rows that have room, memory-mapped
    cache/KEY.index     8 bytes a row: a hash of its states, 0 where they are not there yet

KEY is of all that decides the states. A hash that does not fit (a machine that lost power) means
that the row is computed again. The files go when the run is finished.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from lemmata.train import decoder
from lemmata.train.base_model import Model
from lemmata.train.batch import Pack, pack
from lemmata.train.decoder import Decoder
from lemmata.train.recipe import Recipe
from lemmata.train.rows import Row, shared_prefix
from lemmata.train.step import States, run_all

CACHE = "cache"
GIB = 1024**3


def states_of(
    model: Model, recipe: Recipe, rows: Sequence[Row], base_sha256: str, run: Path
) -> States:
    """How the packs of a run get their states. Raises OSError where the cache has no room."""
    fast = decoder.of(model)
    if fast is None or not fast.first:
        return run_all
    if not recipe.cache_gib or (recipe.epochs == 1 and not recipe.stages):
        return Prefix(fast, None)
    told = [base_sha256, recipe.quantisation, fast.first, str(fast.dtype), torch.__version__,
            torch.get_num_threads()]  # fmt: skip
    key = hashlib.sha256(json.dumps([told, [row.ids for row in rows]]).encode()).hexdigest()
    limit = int(recipe.cache_gib * GIB)
    return Prefix(fast, Cache.open(run / CACHE, key[:16], rows, fast.width, fast.dtype, limit))


def forget(run: Path) -> None:
    """Remove what is kept for a run."""
    shutil.rmtree(run / CACHE, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Cache:
    """Rows' states on disk, as raw bytes [tokens, d * width of a number]."""

    states: np.memmap[tuple[int, int], np.dtype[np.uint8]]
    index: np.memmap[tuple[int], np.dtype[np.uint64]]
    places: dict[tuple[int, ...], tuple[int, int]]
    dtype: torch.dtype

    @classmethod
    def open(
        cls, folder: Path, key: str, rows: Sequence[Row], width: int, dtype: torch.dtype, limit: int
    ) -> Cache | None:
        """The cache for the first rows that fit in `limit` bytes; None where none does."""
        places: dict[tuple[int, ...], tuple[int, int]] = {}
        line, end = width * dtype.itemsize, 0
        for row in rows:
            if row.ids not in places and (end + len(row.ids)) * line <= limit:
                places[row.ids] = (len(places), end)
                end += len(row.ids)
        if not places:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        states = _reserved(folder / f"{key}.states", end * line)
        index = _reserved(folder / f"{key}.index", 8 * len(places))
        return cls(
            np.memmap(states, np.uint8, "r+", shape=(end, line)),
            np.memmap(index, np.uint64, "r+", shape=(len(places),)), places, dtype,
        )  # fmt: skip

    def read(self, row: Row) -> torch.Tensor | None:
        """States [n, d] on the CPU; None where they are not there, or not whole."""
        if row.ids not in self.places:
            return None
        number, start = self.places[row.ids]
        if not self.index[number]:
            return None
        raw = np.array(self.states[start : start + len(row.ids)])
        if _hash(raw) != self.index[number]:
            return None
        return torch.from_numpy(raw).view(self.dtype)

    def write(self, row: Row, states: torch.Tensor) -> None:
        if row.ids not in self.places:
            return
        number, start = self.places[row.ids]
        raw = states.cpu().contiguous().view(torch.uint8).numpy()
        self.states[start : start + len(row.ids)] = raw
        self.index[number] = _hash(raw)


def _reserved(path: Path, size: int) -> Path:
    """The file at its full size: a full disk is an error now, not a signal while it is written."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        os.posix_fallocate(handle, 0, size)
    finally:
        os.close(handle)
    return path


def _hash(raw: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> np.uint64:
    digest = hashlib.blake2b(raw.tobytes(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "big") | 1)


@dataclass(frozen=True, slots=True)
class Prefix:
    """Packs to states by way of each row's own states below `fast.first`."""

    fast: Decoder
    cache: Cache | None

    def __call__(self, model: Model, packed: Pack, rows: Sequence[Row], seed: int) -> torch.Tensor:
        del model
        fast = self.fast
        shared = shared_prefix(rows)
        below = [self._below(row).to(packed.ids.device) for row in rows]
        states = torch.cat([below[0][:shared], *(one[shared:] for one in below)])
        return fast.final(fast.run(states, packed, range(fast.first, fast.layers), seed))

    def _below(self, row: Row) -> torch.Tensor:
        """States [n, d] of one row under the first adapted layer."""
        kept = self.cache.read(row) if self.cache else None
        if kept is not None:
            return kept
        alone = pack([row]).to(self.fast.device)
        with torch.no_grad():
            states = self.fast.run(self.fast.embed(alone.ids), alone, range(self.fast.first), 0)
        if self.cache:
            self.cache.write(row, states)
        return states
