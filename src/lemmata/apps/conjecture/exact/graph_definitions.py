"""What the functions of graphs mean, by search over subsets, colourings and orders.

Slow and plain on purpose, like `definitions`: these judge what `graphs`, with its bit masks, found.
"""

from __future__ import annotations

from itertools import combinations, permutations, product
from typing import NamedTuple


class Graph(NamedTuple):
    """A simple graph on the vertices 0 … order - 1; each edge (a, b) has a < b."""

    order: int
    edges: frozenset[tuple[int, int]]


def joined(g: Graph, a: int, b: int) -> bool:
    return (min(a, b), max(a, b)) in g.edges


def degrees(g: Graph) -> list[int]:
    return [sum(v in edge for edge in g.edges) for v in range(g.order)]


def order(g: Graph) -> int:
    return g.order


def size(g: Graph) -> int:
    return len(g.edges)


def maxdegree(g: Graph) -> int:
    return max(degrees(g))


def mindegree(g: Graph) -> int:
    return min(degrees(g))


def degreesum(g: Graph) -> int:
    return sum(degrees(g))


def odd_vertices(g: Graph) -> int:
    return sum(d % 2 for d in degrees(g))


def chromatic(g: Graph) -> int:
    """The fewest colours such that no edge has one colour at both ends."""
    for k in range(1, g.order + 1):
        for colours in product(range(k), repeat=g.order):
            if all(colours[a] != colours[b] for a, b in g.edges):
                return k
    return 0


def clique(g: Graph) -> int:
    return max(
        k
        for k in range(g.order + 1)
        for some in combinations(range(g.order), k)
        if all((a, b) in g.edges for a, b in combinations(some, 2))
    )


def independence(g: Graph) -> int:
    return clique(complement(g))


def matching(g: Graph) -> int:
    """The most edges of which no two meet."""
    return max(
        k
        for k in range(g.order // 2 + 1)
        for some in combinations(sorted(g.edges), k)
        if len({v for edge in some for v in edge}) == 2 * k
    )


def cover(g: Graph) -> int:
    """The fewest vertices that meet every edge."""
    return min(
        k
        for k in range(g.order + 1)
        for some in combinations(range(g.order), k)
        if all(a in some or b in some for a, b in g.edges)
    )


def classes(g: Graph) -> list[set[int]]:
    """The connected components as sets of vertices."""
    parts = [{v} for v in range(g.order)]
    for a, b in g.edges:
        one = next(part for part in parts if a in part)
        two = next(part for part in parts if b in part)
        if one is not two:
            parts.remove(two)
            one |= two
    return parts


def components(g: Graph) -> int:
    return len(classes(g))


def triangles(g: Graph) -> int:
    return sum(
        all((a, b) in g.edges for a, b in combinations(three, 2))
        for three in combinations(range(g.order), 3)
    )


def complement(g: Graph) -> Graph:
    return Graph(g.order, frozenset(combinations(range(g.order), 2)) - g.edges)


def connected(g: Graph) -> bool:
    return components(g) == 1


def bipartite(g: Graph) -> bool:
    return chromatic(g) <= 2


def tree(g: Graph) -> bool:
    return connected(g) and acyclic(g)


def acyclic(g: Graph) -> bool:
    """A graph is a forest if and only if it has as many edges as vertices less components."""
    return len(g.edges) == g.order - components(g)


def triangle_free(g: Graph) -> bool:
    return triangles(g) == 0


def regular(g: Graph) -> bool:
    return len(set(degrees(g))) == 1


def complete(g: Graph) -> bool:
    return len(g.edges) == g.order * (g.order - 1) // 2


def hamiltonian(g: Graph) -> bool:
    """Whether a cycle of at least three vertices passes every vertex once."""
    return g.order >= 3 and any(
        all(joined(g, a, b) for a, b in zip((0, *rest), (*rest, 0), strict=True))
        for rest in permutations(range(1, g.order))
    )


def eulerian(g: Graph) -> bool:
    """Whether g is connected and a closed walk takes every edge once, by search for the walk."""
    return connected(g) and closes(0, 0, g.edges)


def closes(at: int, home: int, left: frozenset[tuple[int, int]]) -> bool:
    """Whether a walk from `at` takes every edge that is left and ends at home."""
    if not left:
        return at == home
    return any(closes(a + b - at, home, left - {(a, b)}) for a, b in sorted(left) if at in {a, b})
