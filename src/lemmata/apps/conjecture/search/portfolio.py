"""The search itself: who looks when, under one budget, with a frontier that survives anything.

First a short exhaustive run (most false conjectures fail early, and then the least counterexample
is known at once), then the probes, each for a small part of the budget, then exhaustive search to
the end. What a probe finds is made minimal by covering everything below it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from lemmata.apps.conjecture.exact.evaluate import Point
from lemmata.apps.conjecture.kernels.clock import Clock, TimeUp
from lemmata.apps.conjecture.language.spec import Spec
from lemmata.apps.conjecture.search import points as written
from lemmata.apps.conjecture.search.blocks import Blocks, Tally
from lemmata.apps.conjecture.search.events import Event, Found, Note, Outcome, Progress, Started
from lemmata.apps.conjecture.search.exhaustive import Exhaustive
from lemmata.apps.conjecture.search.frontier import Folder
from lemmata.apps.conjecture.search.graph_search import GraphSearch
from lemmata.apps.conjecture.search.ledger import Ledger
from lemmata.apps.conjecture.search.near import Near
from lemmata.apps.conjecture.search.probes import Boundary, Shrinking, Stratified
from lemmata.apps.conjecture.search.separable import Separable
from lemmata.apps.conjecture.search.smt import Solver
from lemmata.errors import MissingExtra

Method = Exhaustive | GraphSearch | Separable | Boundary | Stratified | Shrinking | Solver
_SECONDS_BETWEEN = 1.0


class Search:
    """One search. Iterate `run`; closing it, or any exception through it, saves the frontier."""

    def __init__(
        self,
        spec: Spec,
        budget: float = 60.0,
        limit: int | None = None,
        seed: int | None = None,
        folder: Folder | None = None,
    ) -> None:
        """`budget` in seconds, of this run. `limit`: the extent (n, vertices) to cover at most."""
        self.spec, self._budget, self._folder = spec, budget, folder
        saved = folder.frontier(spec) if folder is not None else None
        self.seed = (
            int(saved["seed"]) if saved else seed if seed is not None else secrets.randbits(31)
        )
        self._before = float(saved["seconds"]) if saved else 0.0
        self._runs = int(saved["runs"]) + 1 if saved else 1
        self._clock = Clock(budget)
        self._blocks = Blocks(spec, self._clock)
        self._near = Near()
        graphs = spec.variables[0].sort == "graph"
        self._main: Exhaustive | GraphSearch = (
            GraphSearch(self._blocks, self._clock, limit)
            if graphs
            else Exhaustive(self._blocks, self._near, self._clock, limit)
        )
        self._separable = Separable(self._blocks, self._clock, limit)
        self._random = Stratified(self._blocks, self._clock, self.seed)
        self._best: Point | None = None
        self._by: str | None = None
        self._proof: dict[str, Any] | None = None
        self._ledger = Ledger()
        self._told = self._saved = 0.0
        if saved:
            self._restore(saved)

    @property
    def covered(self) -> int:
        """Every point of at most this extent is known to satisfy the claim, or one below fails."""
        other = self._separable.covered if self._separable.applies else -1
        return max(self._main.covered, other)

    def run(self) -> Iterator[Event]:
        """The events of the search; the last is its `Outcome`."""
        yield Started(
            self.spec.to_json(),
            self.spec.text(),
            self._budget,
            self.seed,
            self.covered,
            self._runs > 1,
        )
        try:
            yield from self._run()
        except TimeUp:
            pass
        finally:
            self.save()
        yield self.outcome()

    def _run(self) -> Iterator[Event]:
        share = self._budget
        if not self._decided:
            yield from self._turn(self._main, max(1.0, min(0.1 * share, 3.0)))
        if self._separable.applies and not self._decided:
            yield from self._turn(self._separable, 0.5 * share)
        if not self._decided:
            yield from self._probes(share)
        if not self._decided:
            yield from self._turn(self._main, share)
        if not self._decided and not self._limited:
            # The listing has come to its end; what time is left goes to points beyond it.
            yield from self._turn(self._random, share)
        if self._best is not None:
            yield from self._minimise()

    @property
    def _limited(self) -> bool:
        """Whether it was the caller who said how far to go."""
        if isinstance(self._main, GraphSearch):
            return self._main.limited
        reach = self._blocks.boxes.reach
        return self._main.goal is not None and (reach is None or self._main.goal < reach)

    @property
    def _decided(self) -> bool:
        proved = self._proof is not None and self._proof["whole"]
        return self._best is not None or self._main.complete or proved

    def _probes(self, share: float) -> Iterator[Event]:
        # A resumed run has probed before; random search goes on with fresh numbers.
        fresh = self._runs == 1
        if fresh:
            yield from self._solve(Solver(self._blocks, self._clock, min(0.1 * share, 60.0)))
        if fresh and not self._decided:
            boundary = Boundary(self._blocks, self._clock, self.seed)
            yield from self._turn(boundary, 0.01 * share)
        if not self._decided:
            yield from self._turn(self._random, 0.02 * share)
        if fresh and not self._decided:
            yield from self._shrink(0.02 * share)

    def _solve(self, solver: Solver) -> Iterator[Event]:
        if not solver.applies:
            return
        if not Solver.installed():
            yield self._note(str(MissingExtra("z3-solver", "conjecture")))
            return
        yield from self._turn(solver, 60.0)
        if solver.proved is not None:
            box = solver.proved["box"]
            self._proof = {"by": solver.proved["by"], "whole": box is None, "box": box}

    def _shrink(self, seconds: float) -> Iterator[Event]:
        try:
            yield from self._turn(Shrinking(self._blocks, self._clock, self.seed), seconds)
        except ModuleNotFoundError:
            yield self._note(str(MissingExtra("hypothesis", "conjecture")))

    def _note(self, text: str) -> Note:
        self._ledger.notes.append(text)
        return Note(text)

    def _turn(self, method: Method, seconds: float) -> Iterator[Event]:
        """Let one method work, until it is done, finds something, or its time is up."""
        began = self._clock.seconds
        try:
            with self._clock.slice(seconds):
                while not method.done:
                    self._clock.check()
                    found = method.advance()
                    yield from self._after(method, began)
                    if found is not None:
                        if self._best is None or written.key(found) < written.key(self._best):
                            yield self._hit(found, method.name)
                        return
        except TimeUp:
            if self._clock.left <= 0:
                raise
        finally:
            self._ledger.book(method.name, self._clock.seconds - began, method.points)

    def _minimise(self) -> Iterator[Event]:
        """Cover everything below the best counterexample, for the least one."""
        if isinstance(self._main, GraphSearch):
            if self._by != self._main.name:
                yield from self._turn(self._main, self._budget)
            return
        began = self._clock.seconds
        while self._best is not None and not self._main.done:
            below = max(map(written.extent, self._best))
            if self.covered >= below:
                return
            found = self._main.advance(below)
            yield from self._after(self._main, began)
            if found is not None and written.key(found) < written.key(self._best):
                yield self._hit(found, self._main.name)

    def _hit(self, point: Point, method: str) -> Found:
        self._best, self._by = point, method
        said = written.say(self.spec, point)
        return Found(written.to_json(point), said, method, self._clock.seconds)

    def _after(self, method: Method, began: float) -> Iterator[Event]:
        now = self._clock.seconds
        if now - self._saved >= 2 * _SECONDS_BETWEEN:
            self.save()
            self._saved = now
        if now - self._told >= _SECONDS_BETWEEN:
            self._told = now
            yield self._progress(method, now - began)

    def _progress(self, method: Method, seconds: float) -> Progress:
        rate = (method.points - self._ledger.points.get(method.name, 0)) / max(seconds, 1e-9)
        left = self._clock.left
        eta: float | None = left if left != float("inf") else None
        goal = self._main.goal
        if isinstance(method, Exhaustive) and goal is not None and rate > 0:
            needed = self._blocks.boxes.count(method.covered, goal) / rate
            eta = needed if eta is None else min(eta, needed)
        return Progress(
            method.name, self.covered, goal, self._blocks.tally.points, self.seconds, rate, eta
        )

    @property
    def seconds(self) -> float:
        """Of this run and those before it."""
        return self._before + self._clock.seconds

    def save(self) -> None:
        """Write the frontier, if there is a folder for it."""
        if self._folder is not None:
            self._folder.save_frontier(self.spec, self._state())

    def _state(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "seconds": self.seconds,
            "runs": self._runs,
            "main": self._main.state,
            "separable": self._separable.state,
            "random": self._random.state,
            "near": self._near.state,
            "tally": asdict(self._blocks.tally),
            "spent": self._ledger.spent,
            "points": self._ledger.points,
            "proof": self._proof,
            "best": None if self._best is None else written.to_json(self._best),
            "by": self._by,
        }

    def _restore(self, saved: dict[str, Any]) -> None:
        self._main.restore(saved["main"])
        self._separable.restore(saved["separable"])
        self._random.restore(saved["random"])
        self._near.restore(saved["near"])
        self._blocks.tally = Tally(**saved["tally"])
        self._ledger = Ledger(dict(saved["spent"]), dict(saved["points"]))
        self._proof, self._by = saved["proof"], saved["by"]
        self._best = None if saved["best"] is None else written.from_json(saved["best"])

    def outcome(self, interrupted: bool = False) -> Outcome:
        """What is known now."""
        best = self._best
        listed = self._main.complete and self._blocks.tally.least_unknown is None
        proved = listed or bool(self._proof and self._proof["whole"])
        if best is not None:
            state = "refuted"
        elif proved:
            state = "proved"
        else:
            state = "no counterexample"
        return Outcome(
            state=state,  # type: ignore[arg-type]
            spec=self.spec.to_json(),
            counterexample=None if best is None else written.to_json(best),
            method=self._by,
            minimal=best is not None and self._is_least(best),
            covered=self._decided_to,
            goal=self._main.goal,
            complete=listed,
            points=self._blocks.tally.points,
            box=self._main.points,
            tally=asdict(self._blocks.tally),
            methods=self._ledger.methods(),
            proof=self._proof,
            near=self._near.misses,
            near_kind=self._near.kind,
            curve=self._near.curve,
            seconds=self.seconds,
            seed=self.seed,
            notes=self._ledger.notes,
            interrupted=interrupted,
        )

    @property
    def _decided_to(self) -> int:
        """How far every point was decided: a point out of reach ends what is known."""
        unknown = self._blocks.tally.least_unknown
        return self.covered if unknown is None else min(self.covered, unknown - 1)

    def _is_least(self, best: Point) -> bool:
        size, unknown = max(map(written.extent, best)), self._blocks.tally.least_unknown
        if unknown is not None and unknown <= size:
            return False
        if isinstance(self._main, GraphSearch):
            return self._by == self._main.name
        return self.covered >= size
