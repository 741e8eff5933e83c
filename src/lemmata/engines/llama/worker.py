"""One context with its scheduler, driven by one thread: commands in, pieces out."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from lemmata.engines.llama.lane import AnyLane
from lemmata.engines.llama.protocol import (
    Brought,
    Cancel,
    Quit,
    Score,
    Submit,
    Unload,
    failure,
)
from lemmata.engines.llama.residents import Residents
from lemmata.engines.llama.scheduler import Scheduler
from lemmata.errors import LemmataError

LOOK_AGAIN_S = 0.002
"""How long an idle worker waits before it looks whether a finished request can leave the cells."""


@dataclass(frozen=True, slots=True)
class Adopt:
    """Go on with a request that was begun in another context."""

    lane: AnyLane


Order = Submit | Score | Cancel | Unload | Quit | Adopt


class Worker:
    """`report` is called on the worker's thread with what each step brought. `heir` goes on with
    the requests that do not fit here."""

    def __init__(
        self, residents: Residents, report: Callable[[Brought], None], heir: Worker | None = None
    ) -> None:
        self._residents, self._report, self._heir = residents, report, heir
        self._orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._first: Submit | Score | Quit | None = None
        self.since: float | None = None
        """When what it does now began, of the monotonic clock; None: it waits."""

    def put(self, order: Order) -> None:
        """From any thread. Raises AdapterRefused for an adapter that is not loaded."""
        if isinstance(order, Submit | Score):
            self._residents.pin(order.adapter.sha256)  # now: the next command may unload it
        self._orders.put(order)

    def wanted(self) -> bool:
        """Wait for the first request. False: there will be none."""
        while not isinstance(order := self._orders.get(), Submit | Score | Quit):
            pass  # it is about nothing that is here
        self._first = order
        return not isinstance(order, Quit)

    def run(self, scheduler: Scheduler) -> None:
        """Until Quit."""
        while True:
            ended: Brought = []
            while not ended and (scheduler.idle or not self._orders.empty()):
                order = self._next(scheduler)
                if isinstance(order, Quit):
                    return
                ended += self._obey(scheduler, order)
            self.since = time.monotonic()
            self._report([*ended, *scheduler.step()])
            self._hand_on(scheduler)
            if scheduler.settle() and scheduler.idle:
                self._report([])

    def pass_on(self) -> None:
        """Until Quit, where no context can be had."""
        assert self._heir is not None
        while not isinstance(order := self._get(), Quit):
            self._heir._orders.put(order)

    def _next(self, scheduler: Scheduler) -> Order:
        while scheduler.leaving:
            try:
                return self._get(LOOK_AGAIN_S)
            except queue.Empty:
                if scheduler.settle():
                    self._report([])
        return self._get()

    def _get(self, timeout_s: float | None = None) -> Order:
        self.since = None
        order = self._first or self._orders.get(timeout=timeout_s)
        self._first, self.since = None, time.monotonic()
        return order

    def _obey(self, scheduler: Scheduler, order: Order) -> Brought:
        match order:
            case Submit() | Score():
                return self._submit(scheduler, order)
            case Cancel():
                return self._cancel(scheduler, order)
            case Adopt():
                scheduler.adopt(order.lane)
            case Unload():
                scheduler.forget(order.sha256)
            case Quit():
                raise AssertionError("the end is no work")
            case _:
                assert_never(order)
        return []

    def _submit(self, scheduler: Scheduler, order: Submit | Score) -> Brought:
        try:
            scheduler.submit(order)
        except LemmataError as error:
            self._residents.unpin(order.adapter.sha256)
            return [failure(order.id, error)]
        return []

    def _cancel(self, scheduler: Scheduler, order: Cancel) -> Brought:
        """Where it is not known here, it may have been handed on."""
        ended = scheduler.cancel(order.id)
        if not ended and self._heir is not None:
            self._heir.put(order)
        return [*ended]

    def _hand_on(self, scheduler: Scheduler) -> None:
        for lane in scheduler.surplus():
            assert self._heir is not None
            self._heir.put(Adopt(lane))
