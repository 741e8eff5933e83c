"""All graphs of an order, one of each kind: properties do not depend on the names of vertices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby, permutations, product

from lemmata.apps.conjecture.exact.graphs import Rows

Code = tuple[int, ...]


def extended(smaller: list[Rows], check: Callable[[], None]) -> list[Rows]:
    """The graphs of order n + 1 from those of order n, one of each isomorphism class.

    Every graph arises by adding a vertex of least degree to a smaller one, so only those are tried.
    1, 2, 4, 11, 34, 156, 1044, 12346 for orders 1 to 8 (OEIS A000088).
    """
    found: dict[Code, Rows] = {}
    for rows in smaller:
        check()
        for joined in range(1 << len(rows)):
            larger = _joined(rows, joined)
            degree = joined.bit_count()
            if all(row.bit_count() >= degree for row in larger):
                found.setdefault(canonical(larger), larger)
    return sorted(found.values(), key=lambda rows: (sum(row.bit_count() for row in rows), rows))


def _joined(rows: Rows, joined: int) -> Rows:
    new = 1 << len(rows)
    return (*(row | new if joined >> v & 1 else row for v, row in enumerate(rows)), joined)


def canonical(rows: Rows) -> Code:
    """Equal for two graphs exactly if they are isomorphic."""
    colours = _refined(rows)
    order = sorted(range(len(rows)), key=colours.__getitem__)
    classes = [list(group) for _, group in groupby(order, key=colours.__getitem__)]
    return (*sorted(colours), *min(_code(rows, some) for some in _orders(classes)))


def _orders(classes: list[list[int]]) -> Iterator[list[int]]:
    for parts in product(*(permutations(some) for some in classes)):
        yield [vertex for part in parts for vertex in part]


def _code(rows: Rows, order: list[int]) -> Code:
    return tuple(
        sum(1 << j for j in range(i) if rows[vertex] >> order[j] & 1)
        for i, vertex in enumerate(order)
    )


def _refined(rows: Rows) -> list[int]:
    """Colours of the vertices that any isomorphism keeps: degrees, then those of the neighbours,
    until nothing new is told apart."""
    colours = [row.bit_count() for row in rows]
    for _ in rows:
        seen = [
            (colours[v], sorted(colours[w] for w in range(len(rows)) if row >> w & 1))
            for v, row in enumerate(rows)
        ]
        names = sorted({repr(kind): kind for kind in seen}.values())
        fresh = [names.index(kind) for kind in seen]
        if len(set(fresh)) == len(set(colours)):
            return fresh
        colours = fresh
    return colours
