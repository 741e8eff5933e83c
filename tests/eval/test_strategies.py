"""How one attempt is made, and that solving is asked for what the strategy says."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from eval.conftest import adds
from lemmata.engines.base import Sampling
from lemmata.errors import BadInput
from lemmata.eval import strategies
from lemmata.eval.item import Item
from lemmata.eval.strategies import Attempt
from scripted import ScriptedEngine

ITEM = Item("i", "i", "i", "en", "What is 2 + 2?", "4")


def attempt(strategy: str, number: int = 0) -> Attempt:
    sampling = Sampling(temperature=0.0, seed=number)
    return Attempt(ITEM, "math", "auto", None, strategy, sampling, True, None, number)


@pytest.mark.parametrize("kind", strategies.KINDS)
def test_every_kind_solves(kind: str) -> None:
    engine = ScriptedEngine(adds)
    written = asyncio.run(strategies.make(engine, attempt(f"{kind}:4")))
    assert "\\boxed{4}" in written.text
    assert written.tokens >= 2 * len(adds(engine.requests[0]))
    assert engine.requests[0].sampling.temperature > 0


def test_an_item_is_one_question_to_every_strategy() -> None:
    item = replace(ITEM, problem="1. What is 2 + 2?\n2. What is 2 + 2 again?")
    engine = ScriptedEngine(adds)
    written = asyncio.run(strategies.make(engine, replace(attempt("vote:2"), item=item)))
    assert "\\boxed{4}" in written.text
    assert "(1)" not in written.text
    assert len(engine.requests) == 2


def test_a_program_is_left_as_it_was_written() -> None:
    program = "def double(n):\n    return 2 * n\n"
    item = Item("i", "i", "i", "en", "Write a function double(n). double(2) == 4", "", "code")
    engine = ScriptedEngine(lambda _: program)
    written = asyncio.run(strategies.make(engine, replace(attempt("vote:2"), item=item)))
    assert written.text == program


def test_a_sample_is_one_request_as_it_was_asked_for() -> None:
    engine = ScriptedEngine(adds)
    written = asyncio.run(strategies.make(engine, attempt("sample", number=3)))
    (request,) = engine.requests
    assert request.sampling == Sampling(temperature=0.0, seed=3)
    assert request.stop_loops
    assert (written.finish_reason, written.tokens) == ("stop", len(written.text))


def test_attempts_at_a_vote_share_no_seed() -> None:
    seeds = []
    for number in (0, 1):
        engine = ScriptedEngine(adds)
        asyncio.run(strategies.make(engine, attempt("majority:5", number)))
        seeds.append({request.sampling.seed for request in engine.requests})
    assert not seeds[0] & seeds[1]


@pytest.mark.parametrize("name", ["vote", "vote:1", "vote:65", "vote:x", "best:4", ""])
def test_strategies_that_are_none(name: str) -> None:
    with pytest.raises(BadInput, match="majority"):
        strategies.check(name)
