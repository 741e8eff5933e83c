"""What a search knows beside its frontier, and the outcome that it comes to."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from lemmata.apps.conjecture.exact.evaluate import Point
from lemmata.apps.conjecture.language.spec import Spec
from lemmata.apps.conjecture.search import points as written
from lemmata.apps.conjecture.search.blocks import Blocks
from lemmata.apps.conjecture.search.events import Outcome
from lemmata.apps.conjecture.search.exhaustive import Exhaustive
from lemmata.apps.conjecture.search.graph_search import GraphSearch
from lemmata.apps.conjecture.search.ledger import Ledger
from lemmata.apps.conjecture.search.near import Near

Main = Exhaustive | GraphSearch
"""The method whose progress is what is covered without a gap."""


class Known:
    """The best counterexample so far, a proof, near misses, and what each method has cost."""

    def __init__(self) -> None:
        self.best: Point | None = None
        self.by: str | None = None
        """The method that found it."""
        self.proof: dict[str, Any] | None = None
        self.near = Near()
        self.ledger = Ledger()

    @property
    def proved(self) -> bool:
        """Whether a solver has proved it over the whole domain."""
        return self.proof is not None and bool(self.proof["whole"])

    def better(self, point: Point) -> bool:
        """Whether the point would be a lesser counterexample."""
        return self.best is None or written.key(point) < written.key(self.best)

    @property
    def state(self) -> dict[str, Any]:
        return {
            "near": self.near.state,
            "spent": self.ledger.spent,
            "points": self.ledger.points,
            "proof": self.proof,
            "best": None if self.best is None else written.to_json(self.best),
            "by": self.by,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.near.restore(state["near"])
        self.ledger = Ledger(dict(state["spent"]), dict(state["points"]))
        self.proof, self.by = state["proof"], state["by"]
        self.best = None if state["best"] is None else written.from_json(state["best"])


def outcome(
    spec: Spec,
    known: Known,
    blocks: Blocks,
    main: Main,
    covered: int,
    seconds: float,
    seed: int,
    interrupted: bool,
) -> Outcome:
    """What is known now. `covered`: every point of at most this extent was looked at."""
    best = known.best
    listed = main.complete and blocks.tally.least_unknown is None
    return Outcome(
        state=_state(known, listed),
        spec=spec.to_json(),
        counterexample=None if best is None else written.to_json(best),
        method=known.by,
        minimal=best is not None and _is_least(best, known, blocks, main, covered),
        covered=_decided_to(blocks, covered),
        goal=main.goal,
        complete=listed,
        points=blocks.tally.points,
        box=main.points,
        tally=asdict(blocks.tally),
        methods=known.ledger.methods(),
        proof=known.proof,
        near=known.near.misses,
        near_kind=known.near.kind,
        curve=known.near.curve,
        seconds=seconds,
        seed=seed,
        notes=known.ledger.notes,
        interrupted=interrupted,
    )


def _state(known: Known, listed: bool) -> Literal["refuted", "no counterexample", "proved"]:
    if known.best is not None:
        return "refuted"
    return "proved" if listed or known.proved else "no counterexample"


def _decided_to(blocks: Blocks, covered: int) -> int:
    """How far every point was decided: a point out of reach ends what is known."""
    unknown = blocks.tally.least_unknown
    return covered if unknown is None else min(covered, unknown - 1)


def _is_least(best: Point, known: Known, blocks: Blocks, main: Main, covered: int) -> bool:
    size, unknown = max(map(written.extent, best)), blocks.tally.least_unknown
    if unknown is not None and unknown <= size:
        return False
    if isinstance(main, GraphSearch):
        return known.by == main.name
    return covered >= size
