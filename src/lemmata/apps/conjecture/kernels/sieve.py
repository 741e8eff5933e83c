"""Segmented sieves: primes and multiplicative functions over a stretch of integers."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@lru_cache(maxsize=8)
def primes_to(n: int) -> Ints:
    """All primes up to n, ascending; for n to about 10^8."""
    flags = np.ones(n // 2 + 1, dtype=bool)  # flags[i] is for 2i + 1; index 0 stands for 2
    for i in range(1, (math.isqrt(n) - 1) // 2 + 1):
        if flags[i]:
            flags[2 * i * (i + 1) :: 2 * i + 1] = False
    found = 2 * np.flatnonzero(flags).astype(np.int64) + 1
    if n >= 2:
        found[0] = 2
    return found[: np.searchsorted(found, n, side="right")] if n >= 2 else found[:0]


Check = Callable[[], None]
"""Called now and then in long loops; raises to stop them."""


def unhurried() -> None:
    """Never stop."""


def _base_primes(high: int) -> Ints:
    root = math.isqrt(high)
    # Rounded up to a power of two, so that the cache serves many segments.
    every = primes_to(max(1 << root.bit_length(), 64))
    return every[: np.searchsorted(every, root, side="right")]


def prime_flags(low: int, high: int, check: Check = unhurried) -> Flags:
    """Whether each of low … high is prime; 0 <= low <= high. Takes about 3 ns a number."""
    flags = np.ones(high - low + 1, dtype=bool)
    if low < 2:
        flags[: max(0, min(high, 1) - low + 1)] = False
    flags[low & 1 :: 2] = False
    for p in _watched(_base_primes(high)[1:], check):
        start = max(p * p, (low + p - 1) // p * p)
        start += p if start % 2 == 0 else 0
        flags[start - low :: 2 * p] = False
    if low <= 2 <= high:
        flags[2 - low] = True
    return flags


def _watched(primes: Ints, check: Check) -> Iterator[int]:
    for at in range(0, len(primes), 2048):
        check()
        yield from primes[at : at + 2048].tolist()


@dataclass(frozen=True, slots=True)
class Local:
    """A function of the prime powers in n: `step(value, p, k)` when p^k, k >= 1, divides n too;
    `last(value, q)` for the prime q above sqrt(n), where there is one."""

    start: Callable[[Ints], Ints]
    step: Callable[[Ints, int, int], Ints]
    last: Callable[[Ints, Ints], Ints]


def _once(p: int, k: int) -> int:
    return sum(p**i for i in range(k + 1))


FUNCTIONS: dict[str, Local] = {
    "phi": Local(np.copy, lambda v, p, k: v // p * (p - 1) if k == 1 else v,
                 lambda v, q: v // q * (q - 1)),
    "sigma": Local(np.ones_like, lambda v, p, k: v // _once(p, k - 1) * _once(p, k),
                   lambda v, q: v * (q + 1)),
    "tau": Local(np.ones_like, lambda v, _p, k: v // k * (k + 1), lambda v, _q: v * 2),
    "omega": Local(np.zeros_like, lambda v, _p, k: v + (k == 1), lambda v, _q: v + 1),
    "bigomega": Local(np.zeros_like, lambda v, _p, _k: v + 1, lambda v, _q: v + 1),
    "mobius": Local(np.ones_like, lambda v, _p, k: -v if k == 1 else v * 0, lambda v, _q: -v),
    "lpf": Local(np.zeros_like, lambda v, p, _k: np.where(v == 0, p, v),
                 lambda v, q: np.where(v == 0, q, v)),
    "gpf": Local(np.zeros_like, lambda v, p, _k: np.maximum(v, p), np.maximum),
}  # fmt: skip


def values(name: str, low: int, high: int, check: Check = unhurried) -> Ints:
    """The function `name` of each of low … high, 1 <= low. Takes about 50 ns a number."""
    if name == "liouville":
        return liouville(low, high, check).astype(np.int64)
    local = FUNCTIONS[name]
    numbers = np.arange(low, high + 1, dtype=np.int64)
    found, smooth = local.start(numbers), np.ones_like(numbers)
    for p in _watched(_base_primes(high), check):
        power, k = p, 1
        while power <= high:
            first = -low % power
            if first < len(numbers):
                found[first::power] = local.step(found[first::power], p, k)
                smooth[first::power] *= p
            power, k = power * p, k + 1
    rough = numbers // smooth
    large = rough > 1
    found[large] = local.last(found[large], rough[large])
    return found


_SEGMENT = 1 << 20


def liouville(low: int, high: int, check: Check = unhurried) -> NDArray[np.int8]:
    """λ of each of low … high, 1 <= low, as ±1.

    One array holds the product of -p over the prime powers found: its sign is λ of the smooth
    part, and where its size is not n, one prime above sqrt(n) is missing.
    """
    parts = [
        _liouville(start, min(start + _SEGMENT - 1, high), check)
        for start in range(low, high + 1, _SEGMENT)
    ]
    return np.concatenate(parts)


def _liouville(low: int, high: int, check: Check) -> NDArray[np.int8]:
    signed, numbers = _scratch.room[: high - low + 1], _scratch.numbers[: high - low + 1]
    signed.fill(1)
    for p in _watched(_base_primes(high), check):
        power = p
        while power <= high:
            signed[-low % power :: power] *= -p
            power *= p
    signs = np.where(signed > 0, np.int8(1), np.int8(-1))
    np.abs(signed, out=signed)
    np.subtract(signed, numbers, out=signed)
    np.negative(signs, out=signs, where=signed != low)
    return signs


class _Scratch(threading.local):
    """Room for one segment, and the numbers from 0: fresh memory is dear at this size."""

    def __init__(self) -> None:
        self.room = np.empty(_SEGMENT, dtype=np.int64)
        self.numbers = np.arange(_SEGMENT, dtype=np.int64)


_scratch = _Scratch()
