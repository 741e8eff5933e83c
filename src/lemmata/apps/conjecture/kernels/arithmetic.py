"""The functions of integers over vectors; each agrees with `exact.definitions` by test.

Sieved functions look a dense stretch up in a segment; where the values lie far apart, they are
computed one by one. State that grows with the search (how far Collatz is verified, how many
primes there are up to a point) is kept in `Arithmetic.state` so that it can be resumed.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from lemmata.apps.conjecture.exact import quick
from lemmata.apps.conjecture.exact.definitions import DEFINED
from lemmata.apps.conjecture.kernels import elementwise, sieve
from lemmata.apps.conjecture.kernels.clock import Clock
from lemmata.apps.conjecture.kernels.vectors import (
    FITS,
    Array,
    Ints,
    Truths,
    either,
    known,
    marked,
)

_SEGMENT = 1 << 22
_WHOLE = {"prime": 1 << 26}
"""Up to where a function is kept from 1 on; 2^21 for the others."""
_HIGHEST = 1 << 40
"""Of what is sieved: its square root is a million."""
_FROM: dict[str, int] = {"lpf": 2, "gpf": 2}
_SIEVED = frozenset({*sieve.FUNCTIONS, "liouville"})
_TABLES: dict[str, int] = {
    "factorial": 20, "fib": 90, "lucas": 88, "catalan": 32, "partitions": 199,
    "derangements": 20, "primorial": 14,
}  # fmt: skip


class Arithmetic:
    """All kernels, with their caches; one for each search."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._segments: OrderedDict[tuple[str, int, int], Array] = OrderedDict()
        self._counts: dict[int, int] = {0: 0}
        self._verified = 1
        self._tables: dict[str, Array] = {}

    @property
    def state(self) -> dict[str, Any]:
        """What later blocks may rely on, as JSON."""
        latest = max(self._counts)
        return {"collatz": self._verified, "primes": [latest, self._counts[latest]]}

    def restore(self, state: dict[str, Any]) -> None:
        self._verified = int(state["collatz"])
        at, count = state["primes"]
        self._counts[int(at)] = int(count)

    def call(self, function: str, inputs: tuple[Ints, ...]) -> Ints | Truths:
        """Apply a function of integers to vectors of equal or no length."""
        bad = None
        for each in inputs:
            bad = either(bad, each.bad)
        arrays = [each.values for each in inputs]
        if function in _TRUTHS:
            return known(_TRUTHS[function](self, *arrays), bad)
        if function in _SIEVED:
            return self._sieved(function, arrays[0], bad)
        if function in _TABLES:
            return self._tabled(function, arrays[0], bad)
        values, undefined = _VALUES[function](self, *arrays)
        return Ints(values, either(bad, undefined))

    def prime(self, n: Array) -> Array:
        return self._looked_up("prime", n, n >= 2, self._prime_flags, quick.prime, False)

    def _prime_flags(self, low: int, high: int) -> Array:
        return sieve.prime_flags(low, high, self._clock.check)

    def _sieved(self, function: str, n: Array, bad: Array | None) -> Ints:
        within = n >= _FROM.get(function, 1)
        values = self._looked_up(
            function,
            n,
            within,
            lambda low, high: sieve.values(function, low, high, self._clock.check),
            DEFINED[function],
            0,
        )
        return Ints(values, either(bad, marked(~within)))

    def _looked_up(
        self,
        name: str,
        n: Array,
        within: Array,
        segment: Callable[[int, int], Array],
        one: Callable[[int], Any],
        otherwise: Any,
    ) -> Array:
        flat, inside = np.atleast_1d(n), np.atleast_1d(within)
        whole = bool(inside.all())
        wanted = flat if whole else flat[inside]
        kind = np.bool_ if otherwise is False else np.int64
        if wanted.size == 0:
            return np.full(n.shape, otherwise, dtype=kind)
        low, high = int(wanted.min()), int(wanted.max())
        if high - low > 16 * wanted.size + _SEGMENT or high > _HIGHEST:
            got = self._one_by_one(one, wanted, kind)
        elif _ascending(wanted):
            got = segment(low, high)
        else:
            got = self._stretch(name, low, high, segment)[wanted - low]
        if whole:
            return got.reshape(n.shape)
        found: Array = np.full(flat.shape, otherwise, dtype=kind)
        found[inside] = got
        return found.reshape(n.shape)

    def _one_by_one(self, one: Callable[[int], Any], wanted: Array, kind: Any) -> Array:
        distinct, back = np.unique(wanted, return_inverse=True)
        results = []
        for value in distinct.tolist():
            self._clock.check()
            results.append(one(value))
        return np.array(results, dtype=kind)[back]

    def _stretch(
        self, name: str, low: int, high: int, segment: Callable[[int, int], Array]
    ) -> Array:
        """The values at low … high; from a kept segment that covers them where there is one."""
        for (held, start, end), kept in self._segments.items():
            if held == name and start <= low and high <= end:
                self._segments.move_to_end((held, start, end))
                return kept[low - start : high - start + 1]
        whole = _WHOLE.get(name, 1 << 21)
        if high <= whole:
            # Small arguments come again and again: one segment from 1, that doubles as it grows.
            start, end = 1, min(whole, max(2 * high, 1 << 16))
        else:
            # n - p for the next p lies a little lower: room for it.
            start, end = max(1, low - (1 << 16)), high
        made = segment(start, end)
        self._segments[name, start, end] = made
        while sum(each.nbytes for each in self._segments.values()) > 1 << 28:
            self._segments.popitem(last=False)
        return made[low - start : high - start + 1]

    def _tabled(self, function: str, n: Array, bad: Array | None) -> Ints:
        if function not in self._tables:
            one = DEFINED[function]
            self._tables[function] = np.array(
                [one(k) for k in range(_TABLES[function] + 1)], dtype=np.int64
            )
        table = self._tables[function]
        outside = (n < 0) | (n >= len(table))
        return Ints(table[np.where(outside, 0, n)], either(bad, marked(np.asarray(outside))))

    def count_primes(self, n: Array) -> tuple[Array, None]:
        """π(n), from checkpoints every 2^22 numbers."""
        top = max(int(n.max(initial=0)), 0)
        for at in range(max(self._counts), top, _SEGMENT):
            self._clock.check()
            flags = self._prime_flags(at + 1, at + _SEGMENT)
            self._counts[at + _SEGMENT] = self._counts[at] + int(flags.sum())
        flat = np.atleast_1d(n)
        found = np.zeros(flat.shape, dtype=np.int64)
        for block in np.unique(np.maximum(flat, 0) // _SEGMENT).tolist():
            here = (flat >= block * _SEGMENT) & (flat < (block + 1) * _SEGMENT)
            found[here] = self._counted(block)[flat[here] - block * _SEGMENT]
        return found.reshape(n.shape), None

    def _counted(self, block: int) -> Array:
        """π of each number of the block of 2^22 numbers."""
        kept = self._segments.get(("primepi", block, block))
        if kept is None:
            at = block * _SEGMENT
            base = self._counts.get(at)
            if base is None:  # below the point from which the search was resumed
                base = self._count_below(at)
            flags = self._prime_flags(at, at + _SEGMENT - 1)
            kept = base + np.cumsum(flags) - (1 if at and flags[0] else 0)
            self._segments["primepi", block, block] = kept
        return kept

    def _count_below(self, at: int) -> int:
        total = 0
        for start in range(0, at, _SEGMENT):
            self._clock.check()
            total += int(self._prime_flags(start + 1, start + _SEGMENT).sum())
        self._counts[at] = total
        return total

    def nth_prime(self, n: Array) -> tuple[Array, Array | None]:
        outside = (n < 1) | (n > 5_000_000)
        safe = np.where(outside, 1, n)
        top = max(int(safe.max(initial=1)), 6)
        above = int(top * (math.log(top) + math.log(math.log(top)))) + 1
        return sieve.primes_to(1 << above.bit_length())[safe - 1], marked(np.asarray(outside))

    def next_prime(self, n: Array) -> tuple[Array, Array | None]:
        low, high = int(n.min()), int(n.max())
        if high - low > 64 * n.size + _SEGMENT or high > _HIGHEST:
            return self._one_by_one(quick.next_prime, n.reshape(-1), np.int64).reshape(
                n.shape
            ), None
        start = max(low, 0)
        # Every gap between primes below 2^64 is under 1600.
        primes = start + np.flatnonzero(self._prime_flags(start, max(high, 2) + 1600))
        return primes[np.searchsorted(primes, n, side="right")], None

    def collatz(self, n: Array) -> tuple[Array, Array | None]:
        """Whether the path reaches 1; a path is followed until it falls below what is verified."""
        flat = np.atleast_1d(n)
        low, high = int(flat.min(initial=1)), int(flat.max(initial=1))
        floor = self._verified if low <= self._verified + 1 else 1
        unfinished = self._above(flat, floor)
        dense = flat.size == high - low + 1 and bool((flat[1:] > flat[:-1]).all())
        if dense and low <= self._verified + 1 and not unfinished.any():
            self._verified = max(self._verified, high)
        return np.ones(n.shape, dtype=bool), marked(unfinished.reshape(n.shape))

    def _above(self, n: Array, floor: int) -> Array:
        """Which paths do not come down to `floor` within int64 and 100,000 steps."""
        unfinished = n < 1
        rows = np.flatnonzero(n > floor)
        now = n[rows]
        for turn in range(100_000):
            if turn % 32 == 0:
                self._clock.check()
            if not rows.size:
                return unfinished
            if int(now.max()) > (FITS - 1) // 3:
                large = now > (FITS - 1) // 3
                unfinished[rows[large]] = True
                rows, now = rows[~large], now[~large]
            # Two steps for an odd number, for after 3n + 1 comes a half.
            now = np.where(now & 1, (3 * now + 1) >> 1, now >> 1)
            going = now > floor
            rows, now = rows[going], now[going]
        unfinished[rows] = True
        return unfinished

    def _paths(self, n: Array, floor: int) -> tuple[Array, Array, Array]:
        """(unfinished, steps, most) of the paths down to `floor` or lower."""
        steps, most, unfinished = np.zeros_like(n), n.copy(), n < 1
        rows = np.flatnonzero((n > floor) & ~unfinished)
        now = n[rows]
        for turn in range(1, 100_001):
            if not rows.size:
                break
            if turn % 32 == 0:
                self._clock.check()
            odd = (now & 1).astype(bool)
            large = odd & (now > (FITS - 1) // 3)
            if large.any():
                unfinished[rows[large]] = True
                rows, now, odd = rows[~large], now[~large], odd[~large]
            now = np.where(odd, 3 * now + 1, now >> 1)
            most[rows] = np.maximum(most[rows], now)
            steps[rows] = turn
            going = now > floor
            if not going.all():
                rows, now = rows[going], now[going]
        unfinished[rows] = True
        return unfinished, steps, most

    def collatz_steps(self, n: Array) -> tuple[Array, Array | None]:
        unfinished, steps, _ = self._paths(np.atleast_1d(n), 1)
        return steps.reshape(n.shape), marked(unfinished.reshape(n.shape))

    def collatz_max(self, n: Array) -> tuple[Array, Array | None]:
        unfinished, _, most = self._paths(np.atleast_1d(n), 1)
        return most.reshape(n.shape), marked(unfinished.reshape(n.shape))


def _ascending(n: Array) -> bool:
    """Whether the values are a stretch of integers, long enough for a segment of their own."""
    if n.size <= 1 << 14 or int(n[-1]) - int(n[0]) != n.size - 1:
        return False
    return bool((n[1:] > n[:-1]).all())  # n.size - 1 rises within a span of n.size - 1


def _whole(values: Array, bad: Array) -> tuple[Array, Array | None]:
    return values, marked(np.asarray(bad))


_Truth = Callable[..., Array]
_TRUTHS: dict[str, _Truth] = {
    "prime": Arithmetic.prime,
    "composite": lambda self, n: (n > 1) & ~self.prime(n),
    "even": lambda _, n: n % 2 == 0,
    "odd": lambda _, n: n % 2 == 1,
    "square": lambda _, n: elementwise.square(n),
    "cube": lambda _, n: elementwise.root(np.abs(n), 3) ** 3 == np.abs(n),
    "power": lambda _, n: elementwise.power(n),
    "power_of_two": lambda _, n: (n > 0) & (n & (n - 1) == 0),
    "triangular": lambda _, n: (n >= 0) & elementwise.square(8 * np.minimum(n, FITS >> 3) + 1),
    "palindrome": lambda _, n: (n >= 0) & (elementwise.mirrored(n) == n),
    "divides": lambda _, a, b: elementwise.divides(a, b),
    "coprime": lambda _, a, b: np.gcd(a, b) == 1,
}
_VALUES: dict[str, Callable[..., tuple[Array, Array | None]]] = {
    "primepi": Arithmetic.count_primes,
    "nthprime": Arithmetic.nth_prime,
    "nextprime": Arithmetic.next_prime,
    "collatz_steps": Arithmetic.collatz_steps,
    "collatz_max": Arithmetic.collatz_max,
    "digitsum": lambda _, n: (elementwise.digit_sum(n), None),
    "reverse": lambda _, n: _whole(elementwise.mirrored(n), n < 0),
    "isqrt": lambda _, n: _whole(elementwise.root(np.maximum(n, 0), 2), n < 0),
    "gcd": lambda _, a, b: (np.gcd(a, b), None),
    "lcm": lambda _, a, b: (np.lcm(a, b), None),
    "binomial": lambda _, n, k: elementwise.binomial(n, k),
    "powmod": lambda _, b, e, m: elementwise.powmod(b, e, m),
    "abs": lambda _, n: (np.abs(n), None),
    "min": lambda _, *each: (np.minimum.reduce(np.broadcast_arrays(*each)), None),
    "max": lambda _, *each: (np.maximum.reduce(np.broadcast_arrays(*each)), None),
}


def derived(self: Arithmetic, function: str, n: Ints) -> Truths:
    """The truths that are comparisons of a sieved function: their values may be undefined."""
    if function == "collatz":
        truth, unfinished = self.collatz(n.values)
        return known(truth, either(n.bad, unfinished))
    positive = n.values >= 1
    safe = Ints(np.where(positive, n.values, 1), n.bad)
    if function == "squarefree":
        answer = self.call("mobius", (safe,))
        assert isinstance(answer, Ints)
        return known(positive & (answer.values != 0), answer.bad)
    answer = self.call("sigma", (safe,))
    assert isinstance(answer, Ints)
    twice = 2 * safe.values
    relation = {"perfect": np.equal, "abundant": np.greater, "deficient": np.less}[function]
    return known(positive & relation(answer.values, twice), answer.bad)


DERIVED = frozenset({"collatz", "squarefree", "perfect", "abundant", "deficient"})
