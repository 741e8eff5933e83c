from __future__ import annotations

import asyncio

import pytest

from lemmata.engines.base import GREEDY, Request, Sampling
from lemmata.errors import BadInput, ContextOverflow, UnknownAdapter
from lemmata.solve import Candidate, Notice, Piece, solve, solve_events
from lemmata.types import Message, Problem, Solution
from scripted import ScriptedEngine

VAGUE = "This is not something that anybody could ever hope to say."


def test_one_derivation_without_gold_is_unverified() -> None:
    engine = ScriptedEngine(["It is well known to be \\boxed{42}."])
    solution = solve("What is 6·7?", engine)
    assert solution.answer == "42"
    assert solution.verdict.state == "unverified"
    assert solution.derivation == "It is well known to be \\boxed{42}."
    assert solution.tokens == len(solution.derivation)
    assert (solution.role, solution.adapter) == ("math", None)
    assert solution.language == "en"


def test_one_derivation_whose_every_step_holds_is_checked() -> None:
    solution = solve("What is 6·7?", ScriptedEngine(["6*7 = 42, so \\boxed{42}."]))
    assert solution.verdict.state == "checked"


def test_one_derivation_with_a_wrong_step_is_refuted() -> None:
    solution = solve("What is 6·7?", ScriptedEngine(["6*7 = 43.\nSo \\boxed{43}."]))
    assert solution.verdict.state == "refuted"
    assert "42" in solution.verdict.reason


@pytest.mark.parametrize(("gold", "state"), [("0.5", "correct"), ("\\frac{1}{3}", "incorrect")])
def test_gold_decides(gold: str, state: str) -> None:
    solution = solve(Problem("Half of one?", gold), ScriptedEngine(["\\boxed{\\frac12}"]))
    assert solution.verdict.state == state


def test_no_answer_where_gold_is_known_is_incorrect() -> None:
    solution = solve(Problem("Half of one?", "0.5"), ScriptedEngine([VAGUE]))
    assert (solution.answer, solution.verdict.state) == (None, "incorrect")


def test_a_derivation_that_was_cut_says_so() -> None:
    solution = solve("1+1?", ScriptedEngine(["well " * 9]), sampling=Sampling(max_tokens=7))
    assert solution.verdict.state == "unverified"
    assert "cut" in solution.verdict.reason


def test_votes_agree_by_value() -> None:
    engine = ScriptedEngine(["\\boxed{1/2}", "\\boxed{3}", "\\boxed{0.5}", VAGUE])
    solution = solve("Half of one?", engine, votes=4)
    assert solution.answer == "1/2"
    assert (solution.verdict.state, solution.verdict.reason) == ("agreed", "2/4")
    assert solution.evidence == (
        "2/4 derivations answer 1/2",
        "1/4 derivations answer 3",
    )


@pytest.mark.parametrize("replies", [["\\boxed{1}", "\\boxed{2}"], [VAGUE]])
def test_votes_that_do_not_agree_prove_nothing(replies: list[str]) -> None:
    assert solve("?", ScriptedEngine(replies), votes=2).verdict.state == "unverified"


def test_a_tie_is_no_agreement() -> None:
    engine = ScriptedEngine(["\\boxed{1}", "\\boxed{2}", "\\boxed{1}", "\\boxed{2}"])
    assert solve("?", engine, votes=4).verdict.state == "unverified"


def test_what_reaches_the_engine() -> None:
    engine = ScriptedEngine(["\\boxed{1}"])
    solve("1?", engine, role="none")
    solve("1?", engine, votes=2, sampling=Sampling(seed=7))
    assert engine.requests[0].prompt == (Message("user", "1?"),)
    assert engine.requests[0].sampling == GREEDY
    assert [r.sampling.seed for r in engine.requests[1:]] == [7, 8]
    assert engine.requests[1].prompt[0] == engine.requests[2].prompt[0]


def test_thinking_is_kept_apart() -> None:
    solution = solve("?", ScriptedEngine(["<think>maybe \\boxed{1}</think>So \\boxed{2}"]))
    assert solution.reasoning == "maybe \\boxed{1}"
    assert (solution.derivation, solution.answer) == ("So \\boxed{2}", "2")


def test_events_tell_everything_once() -> None:
    async def collect() -> list[object]:
        engine = ScriptedEngine(["<think>a</think>\\boxed{1}", "\\boxed{1}"])
        return [event async for event in solve_events("?", engine, votes=2)]

    events = asyncio.run(collect())
    pieces = [e for e in events if isinstance(e, Piece)]
    candidates = [e for e in events if isinstance(e, Candidate)]
    assert "".join(p.text for p in pieces if p.sample == 1) == "\\boxed{1}"
    assert "".join(p.text for p in pieces if p.kind == "reasoning") == "a"
    assert sorted(c.sample for c in candidates) == [0, 1]
    assert isinstance(events[-1], Solution)
    assert events[-1].verdict.reason == "2/2"


def test_leaving_early_frees_the_engine() -> None:
    engine = ScriptedEngine(["x" * 99])

    async def leave() -> None:
        events = solve_events("?", engine)
        await anext(events)
        await events.aclose()

    asyncio.run(leave())
    assert engine.active == 0
    assert engine.steps < 5


def test_bad_input_comes_before_any_token() -> None:
    engine = ScriptedEngine(["x"], context=64)
    with pytest.raises(BadInput):
        solve("  ", engine)
    with pytest.raises(BadInput):
        solve("1?", engine, role="maths")
    with pytest.raises(BadInput):
        solve("1?", engine, votes=0)
    with pytest.raises(BadInput, match="greedy"):
        solve("1?", engine, votes=2, sampling=GREEDY)
    with pytest.raises(UnknownAdapter):
        solve("1?", engine, adapter="counting")
    with pytest.raises(ContextOverflow):
        solve("1?" * 99, engine)
    assert engine.steps == 0


def test_the_sum_of_pieces_is_the_count_of_tokens() -> None:
    def long(_: Request) -> str:
        return "<think>" + "a" * 50 + "</think>" + "b" * 50

    async def count() -> tuple[int, int]:
        events = [e async for e in solve_events("?", ScriptedEngine(long))]
        assert isinstance(events[-1], Solution)
        return sum(e.tokens for e in events if isinstance(e, Piece)), events[-1].tokens

    pieces, total = asyncio.run(count())
    assert total == 115
    assert pieces <= total


def test_a_long_prompt_is_warned_about_with_its_count() -> None:
    async def first() -> object:
        events = solve_events("1?" * 1500, ScriptedEngine(["x"]), role="none")
        event = await anext(events)
        await events.aclose()
        return event

    notice = asyncio.run(first())
    assert isinstance(notice, Notice)
    assert "3017 tokens" in notice.text
