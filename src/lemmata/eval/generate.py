"""Many attempts at once on any engine: bounded, tried again, each kept as soon as it is done.

Where the engine dies for good the first error ends the run; what was finished is on disk by then,
and the same plan goes on from there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lemmata.engines.base import Engine
from lemmata.errors import ContextOverflow, EngineDied, LemmataError, NotReady
from lemmata.eval import strategies
from lemmata.eval.predictions import Prediction, slot
from lemmata.eval.strategies import Attempt

LOCAL, REMOTE = 32, 128
"""Requests in flight by default: what the embedded engine runs at once; what a server likes."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is tried again when the engine fails or is busy, and how long to wait
    before: `first_s` seconds, then twice as long each time, a minute in all."""

    tries: int = 8
    first_s: float = 0.5

    def wait(self, failures: int, error: LemmataError) -> float:
        """Seconds; longer where the engine says when to come back, but at most a minute."""
        asked = error.retry_after if isinstance(error, NotReady) else 0
        return max(self.first_s * float(2 ** (failures - 1)), min(asked, 60))


class Meter:
    """Shares the wall clock among what is in flight: each moment equally.

    With n(t) requests in flight a request that ran from a to b costs the integral of 1/n over
    [a, b]: the virtual time of fair queueing (Demers, Keshav, Shenker, 1989).
    """

    def __init__(self) -> None:
        self._in_flight, self._virtual, self._at = 0, 0.0, time.monotonic()

    def _advance(self) -> float:
        now = time.monotonic()
        if self._in_flight:
            self._virtual += (now - self._at) / self._in_flight
        self._at = now
        return self._virtual

    @contextmanager
    def running(self) -> Iterator[Callable[[], float]]:
        """The block's cost so far, in seconds, when called."""
        began = self._advance()
        self._in_flight += 1
        try:
            yield lambda: self._advance() - began
        finally:
            self._advance()
            self._in_flight -= 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """An attempt to make, with the key and the cell that its prediction will have."""

    key: str
    cell: str
    attempt: Attempt

    @property
    def slot(self) -> str:
        return slot(self.cell, self.attempt.item.id, self.attempt.number)


async def run(
    engine: Engine,
    wanted: Iterable[Wanted],
    keep: Callable[[Prediction], Awaitable[None]],
    at_once: int,
    patience: Patience,
) -> None:
    """Make every attempt, at most `at_once` in flight; `keep` is called with each prediction.

    Raises EngineDied (after `patience`), UnknownAdapter, DiskFull from `keep`.
    """
    meter, queue = Meter(), iter(wanted)

    async def worker() -> None:
        for each in queue:
            await keep(await _predict(engine, each, meter, patience))

    tasks = [asyncio.create_task(worker()) for _ in range(max(1, at_once))]
    try:
        await asyncio.gather(*tasks)
    finally:  # also after an error or Ctrl-C: no worker outlives this call
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _predict(engine: Engine, wanted: Wanted, meter: Meter, patience: Patience) -> Prediction:
    attempt, failures = wanted.attempt, 0
    while True:
        began = time.monotonic()
        with meter.running() as cost:
            try:
                written = await strategies.make(engine, attempt)
            except ContextOverflow as overflow:
                return _refused(wanted, overflow)
            except LemmataError as error:
                failures += 1
                failure = error
                if not isinstance(error, (EngineDied, NotReady)) or failures >= patience.tries:
                    raise
            else:
                spent = cost()
                break
        await asyncio.sleep(patience.wait(failures, failure))
    return Prediction(
        wanted.key, wanted.cell, attempt.item.id, attempt.number, written.text,
        written.finish_reason, written.ended_by, written.prompt_tokens, written.tokens,
        round(time.monotonic() - began, 3), round(spent, 4),
    )  # fmt: skip


def _refused(wanted: Wanted, why: LemmataError) -> Prediction:
    return Prediction(
        wanted.key, wanted.cell, wanted.attempt.item.id, wanted.attempt.number,
        "", "length", "", 0, 0, 0.0, 0.0, why.cause,
    )  # fmt: skip
