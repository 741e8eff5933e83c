"""The definitions against tables of the literature, and the quick forms against the definitions."""

from __future__ import annotations

import pytest

from lemmata.apps.conjecture.exact import divisors, graph_definitions, powers, quick, sequences
from lemmata.apps.conjecture.exact.definitions import DEFINED
from lemmata.apps.conjecture.exact.graphs import FAST, graph
from lemmata.apps.conjecture.exact.missing import OutOfReach
from lemmata.apps.conjecture.search.graph_list import extended

# First terms, from index 1 (from 0 where said), of the sequences of the OEIS named.
KNOWN = {
    "phi": (1, [1, 1, 2, 2, 4, 2, 6, 4, 6, 4, 10, 4]),  # A000010
    "sigma": (1, [1, 3, 4, 7, 6, 12, 8, 15, 13, 18, 12, 28]),  # A000203
    "tau": (1, [1, 2, 2, 3, 2, 4, 2, 4, 3, 4, 2, 6]),  # A000005
    "mobius": (1, [1, -1, -1, 0, -1, 1, -1, 0, 0, 1, -1, 0]),  # A008683
    "liouville": (1, [1, -1, -1, 1, -1, 1, -1, -1, 1, 1, -1, -1]),  # A008836
    "primepi": (1, [0, 1, 2, 2, 3, 3, 4, 4, 4, 4, 5, 5]),  # A000720
    "nthprime": (1, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37]),  # A000040
    "primorial": (0, [1, 2, 6, 30, 210, 2310, 30030]),  # A002110
    "fib": (0, [0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89]),  # A000045
    "lucas": (0, [2, 1, 3, 4, 7, 11, 18, 29, 47, 76]),  # A000032
    "catalan": (0, [1, 1, 2, 5, 14, 42, 132, 429, 1430]),  # A000108
    "partitions": (0, [1, 1, 2, 3, 5, 7, 11, 15, 22, 30, 42]),  # A000041
    "derangements": (0, [1, 0, 1, 2, 9, 44, 265, 1854]),  # A000166
    "collatz_steps": (1, [0, 1, 7, 2, 5, 8, 16, 3, 19, 6, 14, 9]),  # A006577
    "mertens": (1, [1, 0, -1, -1, -2, -1, -2, -2, -2, -1, -2, -2]),  # A002321
    "liouville_sum": (1, [1, 0, -1, 0, -1, 0, -1, -2, -1, 0, -1, -2]),  # A002819
}


@pytest.mark.parametrize("name", KNOWN)
def test_the_first_terms_are_those_of_the_literature(name: str) -> None:
    start, terms = KNOWN[name]
    assert [DEFINED[name](n) for n in range(start, start + len(terms))] == terms


@pytest.mark.parametrize("n", [1000, 4321, 20_000])
def test_summatory_functions_agree_with_adding_up(n: int) -> None:
    assert sequences.liouville_sum(n) == sum(map(divisors.liouville, range(1, n + 1)))
    assert sequences.mertens(n) == sum(map(divisors.mobius, range(1, n + 1)))


def test_quick_primality_agrees_with_the_definition() -> None:
    assert [n for n in range(-3, 5000) if quick.prime(n) != divisors.prime(n)] == []
    for n in (561, 341550071728321, 3215031751, 2**61 - 1, 2**61 + 1, 10**12 + 39):
        assert quick.prime(n) == divisors.prime(n)
    assert quick.next_prime(370261) == 370373


@pytest.mark.parametrize(
    ("function", "argument"),
    [("factorial", 5000), ("fib", 10**6), ("prime", 2**89 - 1), ("sieve", 10**9),
     ("partitions", 5000), ("mertens", 10**12), ("factors", (2**61 - 1) * (2**89 - 1))],
)  # fmt: skip
def test_what_would_take_too_long_is_refused(function: str, argument: int) -> None:
    with pytest.raises(OutOfReach):
        DEFINED[function](argument)
    with pytest.raises(OutOfReach):
        powers.raised(10, 10**9)


def test_fast_graph_functions_agree_with_the_definitions_up_to_five_vertices() -> None:
    listed = {1: [(0,)]}
    for order in range(2, 6):
        listed[order] = extended(listed[order - 1], lambda: None)
    for name, fast in FAST.items():
        plain = getattr(graph_definitions, name)
        for rows in (rows for graphs in listed.values() for rows in graphs):
            assert fast(graph(rows)) == plain(graph(rows)), (name, rows)


def test_one_graph_of_each_kind_is_listed() -> None:
    graphs, counts = [(0,)], [1]
    for _ in range(6):
        graphs = extended(graphs, lambda: None)
        counts.append(len(graphs))
    assert counts == [1, 2, 4, 11, 34, 156, 1044]  # OEIS A000088
