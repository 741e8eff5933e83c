"""One call of `solve_events`: is it a problem, how many questions, what came of each and all."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from lemmata.engines.base import GREEDY, Request, Sampling
from lemmata.errors import BadInput
from lemmata.prompts import budget, domain, language, roles
from lemmata.solve import compound
from lemmata.solve import role as framing
from lemmata.solve.claims import ByClaims
from lemmata.solve.compound import Split
from lemmata.solve.control import Control
from lemmata.solve.events import Candidate, Event, Notice, Part, Plan
from lemmata.solve.flight import Writer
from lemmata.solve.journal import Asked, Journal
from lemmata.solve.marking import ByAnswer, Conclusion, Marker
from lemmata.solve.programs import statement
from lemmata.solve.programs.behaviour import Bench
from lemmata.solve.programs.marking import ByBehaviour
from lemmata.solve.question import Begun, Question
from lemmata.solve.run import Run
from lemmata.types import Message, Problem, Solution, Verdict

_PLAN_TOKENS = 400


class Solving:
    """`events` once; the last is the `Solution`."""

    def __init__(
        self,
        asked: Asked,
        engine: Writer,
        inside: bool,
        control: Control,
        journal: Journal | None,
        marker: Marker | None = None,
    ) -> None:
        self.marker = marker
        self.asked, self.problem, self.engine = asked, asked.problem, engine
        self.inside, self.control, self.journal = inside, control, journal
        self.role = asked.role or roles.for_task(self.problem.task)
        self.language = language.detect(self.problem.text)
        self.began = time.monotonic()
        self.spent = 0
        self.warned = False

    async def events(self) -> AsyncGenerator[Event, None]:
        self._check()
        if not self.asked.how.anyway and domain.classify(self.problem.text) != "problem":
            yield Notice(domain.notice(self.problem.text), "off-domain")
            yield self._solution(self._declined())
            return
        split = await self._split()
        if split is None:
            async for event in self._question(self.problem, 0):
                if isinstance(event, Conclusion):
                    yield self._finished(self._solution(self._unless_stopped(event)))
                else:
                    yield event
            return
        yield Plan(split.parts, split.source)
        async for event in self._in_order(split):
            yield event

    def _check(self) -> None:
        """What is wrong with the request, before anything is asked of the model."""
        votes, chosen = self.asked.votes, self._sampling()
        if votes < 1:
            raise BadInput(f"votes is {votes}", "Ask for at least one derivation.")
        if votes > 1 and chosen.temperature == 0:
            raise BadInput(
                f"{votes} greedy derivations would all be the same", "Raise the temperature."
            )
        self._messages(self.problem.text)

    def _messages(self, text: str) -> tuple[Message, ...]:
        asked = self.asked
        return framing.messages(text, self.role, self.problem.task, asked.adapter, asked.how.policy)

    def _sampling(self) -> Sampling:
        return self.asked.sampling or (GREEDY if self.asked.votes == 1 else Sampling())

    # One question

    async def _question(
        self, problem: Problem, part: int
    ) -> AsyncGenerator[Event | Conclusion, None]:
        question = Question(
            self._messages(problem.text), self.asked.adapter, self._sampling(), self.asked.votes,
            language.detect(problem.text), self.inside,
        )  # fmt: skip
        marker = self._marker(problem)
        run = Run(self.engine, question, marker, self.asked.how, self.control)
        begun = self.journal.parts.get(part, Begun()) if self.journal else Begun()
        if begun.done or begun.partial:
            yield Notice(_resumed(begun), "resumed")
        try:
            async with aclosing(run.events(begun)) as events:
                async for event in events:
                    for notice in self._warning(run):
                        yield notice
                    yield event
                    self._note(part, run, isinstance(event, Candidate))
        finally:
            self._note(part, run, True)
            self.spent += run.tokens
        if isinstance(marker, ByClaims):
            self.spent += marker.spent
        yield await run.conclusion()

    def _marker(self, problem: Problem) -> Marker:
        how = self.asked.how
        if self.marker is not None:
            return self.marker
        if problem.task == "code" and problem.gold is None:
            return ByBehaviour(Bench(statement.read(problem.text)))
        if how.strategy == "claims":
            return ByClaims(problem, self.engine, self.asked.adapter)
        return ByAnswer(problem, how.weighted)

    def _warning(self, run: Run) -> list[Notice]:
        """Once, as soon as the engine has told the length of the prompt."""
        if self.warned or run.prompt_tokens is None:
            return []
        self.warned = True
        long = budget.check(run.prompt_tokens, sys.maxsize)
        return [Notice(long, "length")] if long else []

    def _note(self, part: int, run: Run, at_once: bool) -> None:
        if self.journal is not None and (at_once or self.journal.due):
            self.journal.note(part, run.begun)

    # Several

    async def _split(self) -> Split | None:
        """As the journal knows it, as the text shows it, or as the model plans it."""
        how, text = self.asked.how, self.problem.text
        if self.journal is not None and self.journal.plan is not None:
            stem, *parts = self.journal.plan
            return Split(stem, tuple(parts), "numbered") if parts else None
        code = self.problem.task == "code"
        split = None
        if how.plan != "off" and self.problem.gold is None and not code:
            split = compound.split(text)
            if split is None and how.plan == "model":
                split = await self._planned(text)
        if self.journal is not None and split is not None:
            self.journal.plan = [split.stem, *split.parts]
        return split

    async def _planned(self, text: str) -> Split | None:
        prompt = self._messages(compound.asked_of_model(text))
        request = Request(
            f"plan-{time.monotonic_ns()}", prompt, self.asked.adapter,
            replace(GREEDY, max_tokens=_PLAN_TOKENS), stop_loops=self.asked.how.stop_loops,
        )  # fmt: skip
        said = []
        async with aclosing(self.engine.generate([request])) as deltas:
            async for delta in deltas:
                said.append(delta.text)
                self.spent += delta.tokens
        return compound.read_plan("".join(said), text)

    async def _in_order(self, split: Split) -> AsyncGenerator[Event, None]:
        solutions: list[Solution] = []
        for index, part in enumerate(split.parts):
            if self.control.cancelled:
                break
            yield Part(index, part)
            text = compound.question(split, index, [solution.answer for solution in solutions])
            async for event in self._question(replace(self.problem, text=text), index):
                if isinstance(event, Conclusion):
                    solutions.append(self._solution(self._unless_stopped(event), text))
                else:
                    yield event
        yield self._finished(self._together(split, solutions))

    def _together(self, split: Split, parts: Sequence[Solution]) -> Solution:
        """The parts as one solution, believed as far as the weakest of them."""
        if split.source == "model":
            whole = parts[-1].answer
        else:
            whole = "; ".join(f"({i}) {p.answer or '?'}" for i, p in enumerate(parts, 1))
        weakest = max(parts, key=lambda part: _WEAKNESS.get(part.verdict.state, 9))
        at = parts.index(weakest) + 1
        verdict = Verdict(weakest.verdict.state, f"part {at}: {weakest.verdict.reason}")
        evidence = tuple(f"({i}) {e}" for i, p in enumerate(parts, 1) for e in p.evidence)
        derivation = "\n\n".join(f"({i}) {p.derivation}" for i, p in enumerate(parts, 1))
        best = Candidate(0, "", derivation, whole, "stop", 0)
        return replace(self._solution(Conclusion(best, verdict, evidence)), parts=tuple(parts))

    # The end

    def _solution(self, found: Conclusion, text: str | None = None) -> Solution:
        return Solution(
            problem=text or self.problem.text,
            derivation=found.best.derivation,
            answer=found.best.answer,
            verdict=found.verdict,
            steps=found.steps,
            evidence=found.evidence,
            role=self.role,
            adapter=self.asked.adapter,
            reasoning=found.best.reasoning,
            tokens=self.spent,
            seconds=round(time.monotonic() - self.began, 3),
            language=self.language,
        )

    def _unless_stopped(self, found: Conclusion) -> Conclusion:
        """A solve that was cancelled vouches for nothing."""
        if not self.control.cancelled:
            return found
        return replace(found, verdict=Verdict("unverified", "stopped before it was settled"))

    def _declined(self) -> Conclusion:
        nothing = Candidate(0, "", "", None, "stop", 0)
        return Conclusion(nothing, Verdict("unverified", "not asked: this is no reasoning problem"))

    def _finished(self, solution: Solution) -> Solution:
        if self.journal is not None and not self.control.cancelled:
            from lemmata.types import as_json

            self.journal.solution = as_json(solution)
            self.journal.save()
        return solution


_WEAKNESS = {
    "proved": 0, "correct": 0, "checked": 1, "agreed": 2, "unverified": 3, "undecided": 3,
    "incorrect": 4, "refuted": 4,
}  # fmt: skip


def _resumed(begun: Begun) -> str:
    tokens = sum(c.tokens for c in begun.done) + sum(n for _, n in begun.partial.values())
    done, open_now = len(begun.done), len(begun.partial)
    return f"going on with {done} finished and {open_now} begun derivations ({tokens} tokens)"
