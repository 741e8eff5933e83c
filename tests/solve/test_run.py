"""Samples as they come and go: waves, budgets, answering now, closing thoughts, loops, repair."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from lemmata.engines.base import Request, Sampling
from lemmata.errors import BadInput, ContextOverflow
from lemmata.solve import (
    Candidate,
    Control,
    Notice,
    Options,
    Piece,
    Repair,
    Standing,
    solve,
    solve_events,
)
from lemmata.types import Message, Solution
from scripted import ScriptedEngine

WORDS = "Nobody has ever written down how this one goes, and yet it comes to \\boxed{7}."


def collect(engine: ScriptedEngine, problem: str = "How many?", **asked: Any) -> list[Any]:
    async def run() -> list[Any]:
        return [event async for event in solve_events(problem, engine, **asked)]

    return asyncio.run(run())


def of(kind: type, events: list[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_agreement_ends_the_vote_early() -> None:
    engine = ScriptedEngine([WORDS])
    events = collect(engine, votes=16)
    assert len(engine.requests) == 4, "four agreeing votes reach a confidence of 0.95"
    assert of(Standing, events)[-1].decided.startswith("confidence 0.969")
    assert events[-1].verdict.reason == "4/4"


def test_without_a_confidence_it_counts_until_it_cannot_be_lost() -> None:
    engine = ScriptedEngine([WORDS])
    collect(engine, votes=9, how=Options(confidence=None, weighted=False))
    assert 5 <= len(engine.requests) <= 9


def test_more_are_started_while_they_disagree() -> None:
    engine = ScriptedEngine(
        lambda request: f"Perhaps \\boxed{{{len(request.id) * 0 + next(draws)}}}"
    )
    draws = iter(range(99))
    events = collect(engine, votes=12)
    assert len(engine.requests) == 12
    assert events[-1].verdict.state == "unverified"


def test_what_is_under_way_is_cancelled_once_it_is_settled() -> None:
    """Three short ones and a fourth settle it while a long one is being written."""
    replies = iter([WORDS, WORDS, " ".join(map(str, range(900))), WORDS, WORDS, WORDS, WORDS])
    engine = ScriptedEngine(lambda _: next(replies))
    events = collect(engine, votes=8)
    told = of(Candidate, events)
    assert sorted(candidate.sample for candidate in told) == [0, 1, 3, 4]
    assert engine.active == 0
    long_one = sum(piece.tokens for piece in of(Piece, events) if piece.sample == 2)
    assert events[-1].tokens == sum(c.tokens for c in told) + long_one


def test_a_budget_in_tokens_is_kept() -> None:
    engine = ScriptedEngine([" ".join(map(str, range(900)))])
    events = collect(engine, how=Options(budget_tokens=200))
    assert [n.kind for n in of(Notice, events)] == ["budget"]
    assert 200 <= events[-1].tokens < 200 + 100


def test_a_budget_in_seconds_is_kept() -> None:
    engine = ScriptedEngine([" ".join(map(str, range(900)))], delay=0.01)
    events = collect(engine, how=Options(budget_s=0.2))
    assert [n.kind for n in of(Notice, events)] == ["budget"]


def prefixed(forced: str) -> Callable[[Request], str]:
    """Rambles when asked; gives `forced` when it is made to go on with a text."""
    ramble = " ".join(map(str, range(900)))
    return lambda request: forced if isinstance(request.prompt[0], int) else ramble


def test_answer_now_closes_the_text_and_asks_for_its_answer() -> None:
    engine = ScriptedEngine(prefixed("42} and so on"), delay=0.001)
    control = Control()

    async def run() -> list[Any]:
        events = []
        async for event in solve_events("How many?", engine, control=control):
            events.append(event)
            if len(events) == 20:
                control.answer_now()
        return events

    events = asyncio.run(run())
    assert events[-1].answer == "42"
    asked = "".join(map(chr, engine.requests[-1].prompt))  # type: ignore[arg-type]
    assert asked.endswith("The final answer is \\boxed{")
    written = "".join(event.text for event in events if isinstance(event, Piece))
    assert written.split() == events[-1].derivation.split(), "who watches sees the whole text"


def test_an_answer_is_demanded_of_thoughts_that_fill_the_context() -> None:
    """The thoughts give way, not the question and not the words that ask for the answer."""

    def reply(request: Request) -> str:
        ramble = "<think>" + " ".join(map(str, range(400)))
        return "42}" if isinstance(request.prompt[0], int) else ramble

    engine = ScriptedEngine(reply, context=600)
    events = collect(engine, sampling=Sampling(temperature=0, max_tokens=590))
    assert events[-1].answer == "42"
    asked = "".join(map(chr, engine.requests[-1].prompt))  # type: ignore[arg-type]
    assert "How many?" in asked
    assert asked.endswith("</think>\n\nThe final answer is \\boxed{")
    assert len(asked) < 600


def test_a_problem_that_fills_the_context_itself_is_refused_and_never_cut() -> None:
    engine = ScriptedEngine(lambda _: "<think>" + " ".join(map(str, range(400))), context=600)
    text = "How many? " + "x" * 400
    with pytest.raises(ContextOverflow):
        collect(engine, text, sampling=Sampling(temperature=0, max_tokens=590))


def test_who_thinks_on_after_the_close_is_asked_for_the_answer() -> None:
    engine = ScriptedEngine(lambda _: "<think>" + " ".join(map(str, range(400))))
    events = collect(engine, how=Options(thinking_budget=40))
    assert events[-1].verdict.state == "unverified"
    assert len(engine.requests) <= 4
    assert events[-1].tokens < 400


def test_answer_now_takes_the_votes_that_are_in() -> None:
    replies = iter([WORDS, *[" ".join(map(str, range(n, 900 + n))) for n in range(9)]])
    engine = ScriptedEngine(lambda _: next(replies))
    control = Control()

    async def run() -> Solution:
        async for event in solve_events("How many?", engine, votes=4, control=control):
            if isinstance(event, Candidate):
                control.answer_now()
        assert isinstance(event, Solution)
        return event

    assert asyncio.run(run()).answer == "7"
    assert engine.active == 0


def test_cancelled_it_vouches_for_nothing() -> None:
    engine = ScriptedEngine([" ".join(map(str, range(900)))])
    control = Control()

    async def run() -> Solution:
        async for event in solve_events("How many?", engine, control=control):
            if isinstance(event, Piece):
                control.cancel()
        assert isinstance(event, Solution)
        return event

    assert asyncio.run(run()).verdict.reason == "stopped before it was settled"
    assert engine.active == 0


def test_thinking_over_its_budget_is_closed_and_the_answer_follows() -> None:
    """On an engine that does not close it by itself."""
    thoughts = "<think>" + " ".join(map(str, range(500)))

    def script(request: Request) -> str:
        return "So \\boxed{5}." if isinstance(request.prompt[0], int) else thoughts

    solution = solve("How many?", ScriptedEngine(script), how=Options(thinking_budget=64))
    assert solution.answer == "5"
    assert 64 < len(solution.reasoning) < 100


def test_thinking_that_was_cut_is_asked_for_its_answer() -> None:
    thoughts = "<think>" + " ".join(map(str, range(500)))

    def script(request: Request) -> str:
        return "5}" if isinstance(request.prompt[0], int) else thoughts

    solution = solve("How many?", ScriptedEngine(script), sampling=Sampling(max_tokens=80))
    assert solution.answer == "5"


def test_a_loop_is_left() -> None:
    engine = ScriptedEngine(["and again " * 300])
    solution = solve("How many?", engine)
    assert solution.tokens < 200
    assert solution.answer is None
    assert solve("How many?", engine, how=Options(stop_loops=False)).tokens == 3000


def test_repair_names_the_wrong_step_and_goes_on_before_it() -> None:
    wrong = "There are 3 rows.\n3*4 = 13.\nSo \\boxed{13}."

    def script(request: Request) -> str:
        return "3*4 = 12.\nSo \\boxed{12}." if isinstance(request.prompt[0], int) else wrong

    engine = ScriptedEngine(script)
    events = collect(engine, how=Options(strategy="repair"))
    (mended,) = of(Repair, events)
    assert (mended.sample, mended.step) == (0, 1)
    asked = "".join(map(chr, engine.requests[-1].prompt))  # type: ignore[arg-type]
    assert "3*4 = 13. is wrong" in asked
    assert "There are 3 rows.\n" in asked
    assert events[-1].answer == "12"
    assert events[-1].derivation == "There are 3 rows.\n3*4 = 12.\nSo \\boxed{12}."


def test_repair_ends() -> None:
    engine = ScriptedEngine(["3*4 = 13.\nSo \\boxed{13}."])
    solution = solve("How many?", engine, how=Options(strategy="repair"))
    assert len(engine.requests) == 3
    assert solution.verdict.state == "refuted"


def test_steps_outvote_a_wrong_majority() -> None:
    replies = ["3*4 = 13.\nSo \\boxed{13}."] * 2 + ["3*4 = 12.\nSo \\boxed{12}."]
    asked = {"votes": 3, "how": Options(confidence=None)}
    assert solve("How many?", ScriptedEngine(replies), **asked).answer == "12"
    plain = {"votes": 3, "how": Options(confidence=None, weighted=False)}
    assert solve("How many?", ScriptedEngine(replies), **plain).answer == "13"


LONG = " ".join(f"and so on to {n}" for n in range(200))


def test_a_wrong_step_ends_a_derivation() -> None:
    replies = [f"3*4 = 13.\n{LONG} \\boxed{{13}}."] + ["3*4 = 12.\nSo \\boxed{12}."] * 5
    events = collect(ScriptedEngine(replies), votes=6)
    ended = next(c for c in of(Candidate, events) if c.sample == 0)
    assert (ended.finish_reason, ended.answer, ended.fails) == ("cancelled", None, 1)
    assert ended.tokens < 100
    assert events[-1].answer == "12"


def test_where_all_are_wrong_the_last_is_heard_to_its_end() -> None:
    events = collect(ScriptedEngine([f"3*4 = 13.\n{LONG} \\boxed{{13}}."] * 5), votes=5)
    ended = [c.finish_reason for c in sorted(of(Candidate, events), key=lambda c: c.sample)]
    assert ended == ["cancelled"] * 4 + ["stop"]
    assert events[-1].answer == "13"


def test_the_only_derivation_is_heard_to_its_end() -> None:
    engine = ScriptedEngine(["3*4 = 13.\nSo \\boxed{13}."])
    assert solve("How many?", engine, votes=1).answer == "13"


def test_what_would_be_repaired_is_not_ended() -> None:
    replies = [f"3*4 = 13.\n{LONG} \\boxed{{13}}."] + ["3*4 = 12.\nSo \\boxed{12}."] * 5
    events = collect(ScriptedEngine(replies), votes=2, how=Options(strategy="repair"))
    assert of(Repair, events)


def test_claims_are_judged_by_the_model() -> None:
    def script(request: Request) -> str:
        said = request.prompt[-1]
        assert isinstance(said, Message)
        if "Is the claim correct?" in said.content:
            return "No." if "seven" in said.content else "Yes."
        return next(replies)

    replies = iter(["It is seven, \\boxed{7}."] * 2 + ["It is eight, \\boxed{8}."])
    how = Options(strategy="claims", confidence=None)
    solution = solve("How many?", ScriptedEngine(script), votes=3, how=how)
    assert solution.answer == "8"


@pytest.mark.parametrize(
    "wrong",
    [{"budget_tokens": 0}, {"budget_s": -1.0}, {"thinking_budget": -1}, {"confidence": 0.4}],
)
def test_options_that_mean_nothing_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=next(iter(wrong))):
        Options(**wrong)
