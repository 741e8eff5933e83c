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
from lemmata.apps.conjecture.search import known
from lemmata.apps.conjecture.search import points as written
from lemmata.apps.conjecture.search.blocks import Blocks, Tally
from lemmata.apps.conjecture.search.events import Event, Found, Note, Outcome, Progress, Started
from lemmata.apps.conjecture.search.exhaustive import Exhaustive
from lemmata.apps.conjecture.search.frontier import Folder
from lemmata.apps.conjecture.search.graph_search import GraphSearch
from lemmata.apps.conjecture.search.known import Known, Main
from lemmata.apps.conjecture.search.pace import Pace, left
from lemmata.apps.conjecture.search.probes import Boundary, Shrinking, Stratified
from lemmata.apps.conjecture.search.separable import Separable
from lemmata.apps.conjecture.search.smt import Solver
from lemmata.errors import MissingExtra

Method = Exhaustive | GraphSearch | Separable | Boundary | Stratified | Shrinking | Solver


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
        self._known = Known()
        graphs = spec.variables[0].sort == "graph"
        self._main: Main = (
            GraphSearch(self._blocks, self._clock, limit)
            if graphs
            else Exhaustive(self._blocks, self._known.near, self._clock, limit)
        )
        self._separable = Separable(self._blocks, self._clock, limit)
        self._random = Stratified(self._blocks, self._clock, self.seed)
        self._pace = Pace()
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
        if self._known.best is not None:
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
        return self._known.best is not None or self._main.complete or self._known.proved

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
            self._known.proof = {"by": solver.proved["by"], "whole": box is None, "box": box}

    def _shrink(self, seconds: float) -> Iterator[Event]:
        try:
            yield from self._turn(Shrinking(self._blocks, self._clock, self.seed), seconds)
        except ModuleNotFoundError:
            yield self._note(str(MissingExtra("hypothesis", "conjecture")))

    def _note(self, text: str) -> Note:
        self._known.ledger.notes.append(text)
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
                        if self._known.better(found):
                            yield self._hit(found, method.name)
                        return
        except TimeUp:
            if self._clock.left <= 0:
                raise
        finally:
            self._known.ledger.book(method.name, self._clock.seconds - began, method.points)

    def _minimise(self) -> Iterator[Event]:
        """Cover everything below the best counterexample, for the least one."""
        if isinstance(self._main, GraphSearch):
            if self._known.by != self._main.name:
                yield from self._turn(self._main, self._budget)
            return
        began = self._clock.seconds
        while self._known.best is not None and not self._main.done:
            below = max(map(written.extent, self._known.best))
            if self.covered >= below:
                return
            found = self._main.advance(below)
            yield from self._after(self._main, began)
            if found is not None and self._known.better(found):
                yield self._hit(found, self._main.name)

    def _hit(self, point: Point, method: str) -> Found:
        self._known.best, self._known.by = point, method
        said = written.say(self.spec, point)
        return Found(written.to_json(point), said, method, self._clock.seconds)

    def _after(self, method: Method, began: float) -> Iterator[Event]:
        now = self._clock.seconds
        if self._pace.save(now):
            self.save()
        if self._pace.tell(now):
            yield self._progress(method, now - began)

    def _progress(self, method: Method, seconds: float) -> Progress:
        before = self._known.ledger.points.get(method.name, 0)
        rate = (method.points - before) / max(seconds, 1e-9)
        goal, ahead = self._main.goal, None
        if isinstance(method, Exhaustive) and goal is not None:
            ahead = self._blocks.boxes.count(method.covered, goal)
        eta = left(self._clock.left, ahead, rate)
        done = self._blocks.tally.points
        return Progress(method.name, self.covered, goal, done, self.seconds, rate, eta)

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
            "tally": asdict(self._blocks.tally),
            **self._known.state,
        }

    def _restore(self, saved: dict[str, Any]) -> None:
        self._main.restore(saved["main"])
        self._separable.restore(saved["separable"])
        self._random.restore(saved["random"])
        self._blocks.tally = Tally(**saved["tally"])
        self._known.restore(saved)

    def outcome(self, interrupted: bool = False) -> Outcome:
        """What is known now."""
        return known.outcome(
            self.spec,
            self._known,
            self._blocks,
            self._main,
            self.covered,
            self.seconds,
            self.seed,
            interrupted,
        )
