"""The functions of integers over vectors; each agrees with `exact.definitions` by test.

State that grows with the search (how far Collatz is verified, how many primes there are up to a
point) is told by `Arithmetic.state` so that it can be resumed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lemmata.apps.conjecture.exact import quick
from lemmata.apps.conjecture.exact.definitions import DEFINED
from lemmata.apps.conjecture.kernels import elementwise, prime_counts, sieve
from lemmata.apps.conjecture.kernels.clock import Clock
from lemmata.apps.conjecture.kernels.collatz import Collatz
from lemmata.apps.conjecture.kernels.prime_counts import PrimeCounts
from lemmata.apps.conjecture.kernels.segments import HIGHEST, SEGMENT, Segments
from lemmata.apps.conjecture.kernels.vectors import (
    FITS,
    Array,
    Ints,
    Truths,
    either,
    known,
    marked,
)

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
        self._segments = Segments(clock)
        self.primes = PrimeCounts(clock)
        self.collatz = Collatz(clock)
        self._tables: dict[str, Array] = {}

    @property
    def state(self) -> dict[str, Any]:
        """What later blocks may rely on, as JSON."""
        latest = max(self.primes.counts)
        return {"collatz": self.collatz.verified, "primes": [latest, self.primes.counts[latest]]}

    def restore(self, state: dict[str, Any]) -> None:
        self.collatz.verified = int(state["collatz"])
        at, count = state["primes"]
        self.primes.counts[int(at)] = int(count)

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
        return self._segments.look_up("prime", n, n >= 2, self._prime_flags, quick.prime, False)

    def _prime_flags(self, low: int, high: int) -> Array:
        return sieve.prime_flags(low, high, self._clock.check)

    def _sieved(self, function: str, n: Array, bad: Array | None) -> Ints:
        within = n >= _FROM.get(function, 1)
        values = self._segments.look_up(
            function,
            n,
            within,
            lambda low, high: sieve.values(function, low, high, self._clock.check),
            DEFINED[function],
            0,
        )
        return Ints(values, either(bad, marked(~within)))

    def _tabled(self, function: str, n: Array, bad: Array | None) -> Ints:
        if function not in self._tables:
            one = DEFINED[function]
            self._tables[function] = np.array(
                [one(k) for k in range(_TABLES[function] + 1)], dtype=np.int64
            )
        table = self._tables[function]
        outside = (n < 0) | (n >= len(table))
        return Ints(table[np.where(outside, 0, n)], either(bad, marked(np.asarray(outside))))

    def next_prime(self, n: Array) -> tuple[Array, Array | None]:
        low, high = int(n.min()), int(n.max())
        if high - low > 64 * n.size + SEGMENT or high > HIGHEST:
            return self._segments.one_by_one(quick.next_prime, n.reshape(-1), np.int64).reshape(
                n.shape
            ), None
        start = max(low, 0)
        # Every gap between primes below 2^64 is under 1600.
        primes = start + np.flatnonzero(self._prime_flags(start, max(high, 2) + 1600))
        return primes[np.searchsorted(primes, n, side="right")], None


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
    "primepi": lambda self, n: self.primes.up_to(n),
    "nthprime": lambda _, n: prime_counts.nth(n),
    "nextprime": Arithmetic.next_prime,
    "collatz_steps": lambda self, n: self.collatz.steps(n),
    "collatz_max": lambda self, n: self.collatz.most(n),
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
        truth, unfinished = self.collatz.reaches_one(n.values)
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
