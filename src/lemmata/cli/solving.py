"""Running a solve for the terminal: the engine, what is shown meanwhile, the keys."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from lemmata.solve import (
    Candidate,
    Control,
    Event,
    Journal,
    Notice,
    Part,
    Piece,
    Plan,
    Repair,
    Standing,
    Trial,
    solve_events,
)
from lemmata.types import Solution

if TYPE_CHECKING:
    from lemmata.engines.base import Engine
    from lemmata.settings import Settings


def folder(settings: Settings) -> Path:
    """Where the journals of solves are."""
    return settings.home / "solves"


def streams(journal: Journal) -> bool:
    """Whether what is written from now on is the whole derivation that will be shown: there is one
    only, nothing of it stands already, and nothing will be taken back."""
    asked = journal.asked
    return asked.votes == 1 and not journal.parts and asked.how.strategy != "repair"


def go(journal: Journal, settings: Settings, *, quiet: bool, live: bool) -> Solution:
    """Solve, showing progress; `quiet` keeps the derivation for later, `live` has it on stdout as
    it comes."""
    from lemmata.errors import LemmataError

    try:
        return asyncio.run(_run(journal, settings, quiet, live))
    except (LemmataError, KeyboardInterrupt, asyncio.CancelledError):
        journal.forget_if_unbegun()
        if journal.path.exists():
            print(f"\nsaved; go on with: lemmata solve --resume {journal.id}", file=sys.stderr)
        raise


async def _run(journal: Journal, settings: Settings, quiet: bool, live: bool) -> Solution:
    asked = journal.asked
    engine, adapter, own_role = await opened(asked.model, settings, asked.adapter)
    control = Control()
    asyncio.get_running_loop().add_signal_handler(signal.SIGQUIT, control.answer_now)
    try:
        events = solve_events(
            replace(asked.problem), engine, adapter=adapter, role=asked.role or own_role,
            votes=asked.votes, sampling=asked.sampling, how=asked.how, control=control,
            journal=journal,
        )  # fmt: skip
        async with aclosing(events):
            async for event in events:
                if isinstance(event, Solution):
                    return event
                show(event, quiet=quiet, votes=asked.votes, live=live)
    finally:
        await engine.close()
    raise AssertionError("solve_events ends with a Solution")


async def opened(
    model: str, settings: Settings, adapter: str | None
) -> tuple[Engine, str | None, str | None]:
    """The engine with the one adapter that is asked for, that adapter's name, and its role."""
    from lemmata.cli.wanted import bring
    from lemmata.engines import is_remote, open_engine
    from lemmata.server.specialities import find
    from lemmata.solve.role import of_adapter

    if adapter and not is_remote(model):
        find(adapter, settings)  # what is wrong with it is said before a model is loaded
    engine = await asyncio.to_thread(open_engine, model, settings)
    if adapter is None:
        return engine, None, None
    try:
        ref = await bring(engine, adapter, settings)
    except BaseException:
        await engine.close()
        raise
    name = adapter if ref is None else ref.name
    return engine, name, of_adapter(name, engine.adapters())


def show(event: Event, *, quiet: bool, votes: int, live: bool = True) -> None:
    """Progress: the derivation as it comes where there is one, a tally where there are several."""
    if isinstance(event, Piece):
        if votes == 1 and not quiet:
            print(event.text, end="", flush=True, file=_stream_of(event, live))
        return
    for line in _lines(event, votes):
        print(line, file=sys.stderr)
    if isinstance(event, Part) and live and votes == 1 and not quiet:
        print("\n\n" * bool(event.index) + f"({event.index + 1}) ", end="", flush=True)


def _candidate(found: Candidate) -> str:
    if found.finish_reason == "cancelled" and found.fails:
        return "ended at a wrong step"
    told = "a program" if "\n" in (found.answer or "") else found.answer or "no answer"
    checks = f"steps that hold: {found.holds}, that fail: {found.fails}"
    return f"{told} ({checks})" if found.holds or found.fails else told


def _lines(event: Event, votes: int) -> list[str]:
    match event:
        case Notice():
            how = " (--anyway)" if event.kind == "off-domain" else ""
            return [f"lemmata: {event.text}{how}"]
        case Plan():
            parts = [f"  {i}. {part}" for i, part in enumerate(event.parts, 1)]
            return [f"{len(parts)} questions ({event.source}):", *parts]
        case Part():
            return [f"\n({event.index + 1}) {event.question}"]
        case Candidate() if votes > 1:
            return [f"{event.sample + 1}/{votes}: {_candidate(event)}"]
        case Standing() if votes > 1 and event.decided:
            return [event.decided]
        case Repair():
            return [f"{event.sample + 1}: step {event.step + 1} is wrong, again: {event.reason}"]
        case Trial():
            failed = f"; {event.first_failure}" if event.first_failure else ""
            return [
                f"{event.sample + 1}: {event.passed}/{event.examples} examples, "
                f"{event.ran}/{event.inputs} inputs{failed}"
            ]
    return []


def _stream_of(piece: Piece, live: bool) -> TextIO:
    """Thinking is progress; the derivation is the result, where it is told as it comes."""
    return sys.stdout if live and piece.kind == "derivation" else sys.stderr
