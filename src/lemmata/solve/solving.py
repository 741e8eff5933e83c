"""One call of `solve_events`: is it a problem, how many questions, what came of each and all."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import replace

from lemmata.engines.base import GREEDY, Request, Sampling
from lemmata.errors import BadInput, DiskFull
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
from lemmata.solve.options import Options
from lemmata.solve.programs import statement
from lemmata.solve.programs.behaviour import Bench
from lemmata.solve.programs.marking import ByBehaviour
from lemmata.solve.question import Begun, Question
from lemmata.solve.run import Run
from lemmata.solve.together import nothing, together
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
            yield self._solution(nothing("not asked: this is no reasoning problem"))
            return
        split = await self._split()
        if split is None:
            async for event in self._question(self.problem, 0, self.asked.how):
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
        self, problem: Problem, part: int, how: Options
    ) -> AsyncGenerator[Event | Conclusion, None]:
        question = Question(
            self._messages(problem.text), self.asked.adapter, self._sampling(), self.asked.votes,
            language.detect(problem.text), self.inside,
        )  # fmt: skip
        marker = self._marker(problem)
        run = Run(self.engine, question, marker, how, self.control)
        begun = self.journal.parts.get(part, Begun()) if self.journal else Begun()
        if begun.done or begun.partial:
            yield Notice(_resumed(begun), "resumed")
        try:
            async with aclosing(run.events(begun)) as events:
                async for event in events:
                    for notice in self._warning(run):
                        yield notice
                    yield event
                    for notice in self._note(part, run, isinstance(event, Candidate)):
                        yield notice
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

    def _note(self, part: int, run: Run, at_once: bool) -> list[Notice]:
        if self.journal is None or not (at_once or self.journal.due):
            return []
        try:
            self.journal.note(part, run.begun)
        except DiskFull as error:  # the answer is worth more than its journal
            self.journal = None
            return [Notice(f"{error.cause}: this cannot be gone on with if it stops", "journal")]
        return []

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
            how, began, spent = self._share(len(split.parts) - index), time.monotonic(), self.spent
            async for event in self._question(replace(self.problem, text=text), index, how):
                if isinstance(event, Conclusion):
                    found = self._unless_stopped(event)
                    solutions.append(self._solution(found, text, began, spent))
                elif isinstance(event, Notice) and event.kind == "budget":
                    yield replace(event, text=_SHARE_USED)
                else:
                    yield event
        whole = self._solution(self._unless_stopped(together(split.source, solutions)))
        yield self._finished(replace(whole, parts=tuple(solutions)))

    def _share(self, parts: int) -> Options:
        """The budgets of one of `parts` questions that are still open: all get as much."""
        how = self.asked.how
        tokens, seconds = how.budget_tokens, how.budget_s
        if tokens is not None:
            tokens = max(1, (tokens - self.spent) // parts)
        if seconds is not None:
            seconds = max(0.0, seconds - (time.monotonic() - self.began)) / parts
        return replace(how, budget_tokens=tokens, budget_s=seconds)

    # The end

    def _solution(
        self, found: Conclusion, text: str | None = None, began: float | None = None, spent: int = 0
    ) -> Solution:
        """`text`, `began` and `spent` (what others took before) are those of a part."""
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
            tokens=self.spent - spent,
            seconds=round(time.monotonic() - (self.began if began is None else began), 3),
            language=self.language,
        )

    def _unless_stopped(self, found: Conclusion) -> Conclusion:
        """A solve that was cancelled vouches for nothing."""
        if not self.control.cancelled:
            return found
        return replace(found, verdict=Verdict("unverified", "stopped before it was settled"))

    def _finished(self, solution: Solution) -> Solution:
        if self.journal is not None and not self.control.cancelled:
            from lemmata.types import as_json

            self.journal.solution = as_json(solution)
            with suppress(DiskFull):  # the solution is there, in the hands of who asked
                self.journal.save()
        return solution


_SHARE_USED = "this question's share of the budget is used up: answering now"


def _resumed(begun: Begun) -> str:
    tokens = sum(c.tokens for c in begun.done) + sum(n for _, n in begun.partial.values())
    done, open_now = len(begun.done), len(begun.partial)
    return f"going on with {done} finished and {open_now} begun derivations ({tokens} tokens)"
