"""What is on the disk of a solve, and going on from it."""

from __future__ import annotations

import asyncio
import errno
import json
from pathlib import Path
from typing import Any

import pytest

from lemmata.engines.base import Request, Sampling
from lemmata.errors import BadInput
from lemmata.solve import Asked, Candidate, Journal, Notice, Options, Piece, solve_events
from lemmata.solve.journal import KEPT
from lemmata.types import Problem, Solution
from scripted import ScriptedEngine

LONG = "Counting on: " + " ".join(map(str, range(300))) + ", so \\boxed{300}."


def asked(**others: Any) -> Asked:
    return Asked(Problem("How many?"), **others)


async def until(events: Any, enough: Any) -> list[Any]:
    """The events up to the first for which `enough` is true; then the solve is left."""
    told = []
    async for event in events:
        told.append(event)
        if enough(told):
            break
    await events.aclose()
    return told


def test_what_was_asked_comes_back(tmp_path: Path) -> None:
    before = asked(
        adapter="a", role="math", votes=3, sampling=Sampling(seed=4, stop=("x",)),
        how=Options(budget_s=3.5, strategy="repair"), model="smollm2-135m",
    )  # fmt: skip
    journal = Journal.create(tmp_path, before)
    again = Journal.open(tmp_path, journal.id)
    assert again.asked == before
    assert again.parts == {}


def test_a_disk_that_fills_costs_the_journal_and_not_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal.create(tmp_path, asked())
    monkeypatch.setattr("lemmata.whole.write", _full)
    told = asyncio.run(
        until(solve_events("How many?", ScriptedEngine([LONG]), journal=journal), lambda _: False)
    )
    assert told[-1].answer == "300"
    (notice,) = (event for event in told if isinstance(event, Notice))
    assert (notice.kind, "no space left" in notice.text) == ("journal", True)


def _full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_derivation_goes_on_where_it_was_left(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, asked())
    engine = ScriptedEngine([LONG])

    def written(told: list[Any]) -> bool:
        return sum(isinstance(event, Piece) for event in told) > 99

    asyncio.run(until(solve_events("How many?", engine, journal=journal), written))
    assert engine.active == 0

    again = Journal.open(tmp_path, journal.id)
    (text, tokens) = again.parts[0].partial[0]
    assert LONG.startswith(text)
    assert tokens == len(text) > 90

    def rest(request: Request) -> str:
        prompt = "".join(map(chr, request.prompt))  # type: ignore[arg-type]
        assert prompt.endswith(text), "the text so far is part of the prompt"
        return LONG[len(text) :]

    engine = ScriptedEngine(rest)
    told = asyncio.run(until(solve_events("How many?", engine, journal=again), lambda told: False))
    assert [n.kind for n in told if isinstance(n, Notice)] == ["resumed"]
    assert told[-1].derivation == LONG
    assert told[-1].tokens == len(LONG)
    assert Journal.open(tmp_path, journal.id).solution is not None


def test_votes_that_are_in_are_not_cast_again(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, asked(votes=4))
    engine = ScriptedEngine(["It must be \\boxed{7}."])

    def two(told: list[Any]) -> bool:
        return sum(isinstance(event, Candidate) for event in told) == 2

    asyncio.run(until(solve_events("How many?", engine, votes=4, journal=journal), two))
    again = Journal.open(tmp_path, journal.id)
    done = len(again.parts[0].done)
    assert done >= 2

    engine = ScriptedEngine(lambda _: "} It must be \\boxed{7}.")
    events = solve_events("How many?", engine, votes=4, journal=again)
    told = asyncio.run(until(events, lambda told: False))
    assert isinstance(told[-1], Solution)
    assert (told[-1].verdict.state, told[-1].answer) == ("agreed", "7")
    assert len(engine.requests) <= 4 - done


def test_answers_of_earlier_parts_are_kept(tmp_path: Path) -> None:
    problem = "1. What is 2+2?\n2. What is 3+3?"
    journal = Journal.create(tmp_path, Asked(Problem(problem)))
    engine = ScriptedEngine(["2+2 = 4, \\boxed{4}.", LONG])

    def second(told: list[Any]) -> bool:
        return sum(isinstance(event, Piece) for event in told) > 60

    asyncio.run(until(solve_events(problem, engine, journal=journal), second))
    again = Journal.open(tmp_path, journal.id)
    assert again.plan is not None
    engine = ScriptedEngine([" \\boxed{6}."])
    told = asyncio.run(until(solve_events(problem, engine, journal=again), lambda told: False))
    assert told[-1].answer == "(1) 4; (2) 6"
    assert len(engine.requests) == 1


@pytest.mark.parametrize("name", ["", "../x", "0" * 12, "zz", "0" * 13])
def test_an_id_that_is_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="no solve"):
        Journal.open(tmp_path, name)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 99},
        {"asked": {}},
        {"asked": 3},
        {"parts": {"x": 1}},
        {"parts": {"0": {"done": [], "partial": {"0": ["a"]}}}},
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    journal = Journal.create(tmp_path, asked())
    document = json.loads(journal.path.read_text("utf-8"))
    journal.path.write_text(json.dumps(document | change), encoding="utf-8")
    with pytest.raises(BadInput, match="cannot be read"):
        Journal.open(tmp_path, journal.id)


def test_a_half_file_is_refused_and_never_written(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, asked())
    text = journal.path.read_text("utf-8")
    journal.path.write_text(text[: len(text) // 2], encoding="utf-8")
    with pytest.raises(BadInput, match="cannot be read"):
        Journal.open(tmp_path, journal.id)
    journal.save()
    assert Journal.open(tmp_path, journal.id).asked == journal.asked
    assert [path.name for path in tmp_path.iterdir()] == [journal.path.name]


def test_what_was_never_begun_is_forgotten(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, asked())
    journal.forget_if_unbegun()
    assert not journal.path.exists()


def test_old_journals_go(tmp_path: Path) -> None:
    for number in range(KEPT + 3):
        (tmp_path / f"{number:012x}.json").write_text("{}", encoding="utf-8")
    Journal.create(tmp_path, asked())
    assert len(list(tmp_path.iterdir())) == KEPT
