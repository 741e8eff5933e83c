"""The functions of graphs, fast: a row of bits for each vertex. Bit w of row v: v and w joined."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from lemmata.apps.conjecture.exact.graph_definitions import Graph

Rows = tuple[int, ...]


@lru_cache(maxsize=4096)
def rows(g: Graph) -> Rows:
    found = [0] * g.order
    for a, b in g.edges:
        found[a] |= 1 << b
        found[b] |= 1 << a
    return tuple(found)


def graph(found: Rows) -> Graph:
    """The graph of these rows."""
    pairs = ((a, b) for b in range(len(found)) for a in range(b) if found[b] >> a & 1)
    return Graph(len(found), frozenset(pairs))


def _degrees(g: Graph) -> list[int]:
    return [row.bit_count() for row in rows(g)]


def _reach(found: Rows, start: int) -> int:
    seen = front = 1 << start
    while front:
        after = 0
        while front:
            low = front & -front
            after |= found[low.bit_length() - 1]
            front ^= low
        front = after & ~seen
        seen |= after
    return seen


def _components(g: Graph) -> int:
    found, left, count = rows(g), (1 << g.order) - 1, 0
    while left:
        left &= ~_reach(found, (left & -left).bit_length() - 1)
        count += 1
    return count


@lru_cache(maxsize=4096)
def _clique(found: Rows, among: int) -> int:
    """The greatest clique among these vertices: with the lowest, or without it."""
    if not among:
        return 0
    low = among & -among
    with_it = 1 + _clique(found, among & found[low.bit_length() - 1])
    rest = among ^ low
    return with_it if rest.bit_count() < with_it else max(with_it, _clique(found, rest))


def _whole(g: Graph) -> int:
    return (1 << g.order) - 1


def _anti(g: Graph) -> Rows:
    everything = _whole(g)
    return tuple(everything & ~row & ~(1 << v) for v, row in enumerate(rows(g)))


def _chromatic(g: Graph) -> int:
    found = rows(g)
    return next(k for k in range(1, g.order + 1) if _colours(found, k, (), 0))


def _colours(found: Rows, most: int, given: tuple[int, ...], used: int) -> bool:
    vertex = len(given)
    if vertex == len(found):
        return True
    return any(
        _colours(found, most, (*given, colour), max(used, colour + 1))
        for colour in range(min(used + 1, most))
        if not any(c == colour and found[vertex] >> v & 1 for v, c in enumerate(given))
    )


def _matching(found: Rows, left: int) -> int:
    if not left:
        return 0
    low = left & -left
    vertex, left = low.bit_length() - 1, left ^ low
    best, mates = _matching(found, left), found[vertex] & left
    while mates:
        mate = mates & -mates
        best = max(best, 1 + _matching(found, left ^ mate))
        mates ^= mate
    return best


def _triangles(g: Graph) -> int:
    found = rows(g)
    return sum((found[a] & found[b]).bit_count() for a, b in g.edges) // 3


def _hamiltonian(g: Graph) -> bool:
    """Held and Karp: ends[S] are the vertices where a path from 0 through all of S may end."""
    if g.order < 3:
        return False
    found, everything = rows(g), _whole(g)
    ends = [0] * (everything + 1)
    ends[1] = 1
    for passed in range(1, everything + 1, 2):
        here = ends[passed]
        while here:
            low = here & -here
            here ^= low
            ahead = found[low.bit_length() - 1] & ~passed
            while ahead:
                step = ahead & -ahead
                ahead ^= step
                ends[passed | step] |= step
    return bool(ends[everything] & found[0])


def _eulerian(g: Graph) -> bool:
    return _components(g) == 1 and all(d % 2 == 0 for d in _degrees(g))


def _independence(g: Graph) -> int:
    return _clique(_anti(g), _whole(g))


def _acyclic(g: Graph) -> bool:
    return len(g.edges) == g.order - _components(g)


FAST: dict[str, Callable[[Graph], object]] = {
    "order": lambda g: g.order,
    "size": lambda g: len(g.edges),
    "maxdegree": lambda g: max(_degrees(g)),
    "mindegree": lambda g: min(_degrees(g)),
    "degreesum": lambda g: sum(_degrees(g)),
    "odd_vertices": lambda g: sum(d % 2 for d in _degrees(g)),
    "chromatic": _chromatic,
    "clique": lambda g: _clique(rows(g), _whole(g)),
    "independence": _independence,
    "matching": lambda g: _matching(rows(g), _whole(g)),
    "cover": lambda g: g.order - _independence(g),  # Gallai, 1959
    "components": _components,
    "triangles": _triangles,
    "complement": lambda g: graph(_anti(g)),
    "connected": lambda g: _components(g) == 1,
    "bipartite": lambda g: _chromatic(g) <= 2,
    "tree": lambda g: _components(g) == 1 and _acyclic(g),
    "acyclic": _acyclic,
    "triangle_free": lambda g: _triangles(g) == 0,
    "regular": lambda g: len(set(_degrees(g))) == 1,
    "complete": lambda g: len(g.edges) == g.order * (g.order - 1) // 2,
    "hamiltonian": _hamiltonian,
    "eulerian": _eulerian,
}
