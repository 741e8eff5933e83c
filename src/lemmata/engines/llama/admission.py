"""Who gets in, when, and what they need not compute.

Requests are let in in order, each when the cells hold its prompt. One that begins like another
shares: cells, if the other still holds them; a copy, if it left one (prefixes.py); or it waits for
one who is just computing the common beginning.
"""

from __future__ import annotations

from collections import deque

from lemmata.engines.llama.departures import Departures
from lemmata.engines.llama.lane import AnyLane, Lane, ScoreLane
from lemmata.engines.llama.memory import Memory
from lemmata.engines.llama.prefixes import Prefix, Prefixes, common

HEADROOM = 64
"""Free cells that admission leaves for the tokens a request is about to write."""
WORTH_WAITING = 32
"""Shared tokens for which a request waits until another has computed them."""


class Admission:
    """`waiting` in order, `running` by request number, the earliest first; at most `most` run."""

    def __init__(
        self, memory: Memory, prefixes: Prefixes, departures: Departures, most: int
    ) -> None:
        self._memory, self._prefixes, self._departures = memory, prefixes, departures
        self._most = most
        self.waiting: deque[AnyLane] = deque()
        self.running: dict[int, AnyLane] = {}

    def all(self) -> tuple[AnyLane, ...]:
        return (*self.running.values(), *self.waiting)

    def find(self, number: int) -> AnyLane | None:
        return next((lane for lane in self.all() if lane.command.id == number), None)

    def ready(self) -> list[AnyLane]:
        """Let in who fits; those who run and wait for nobody."""
        self._let_in()
        for lane in self.running.values():
            self._join(lane)
        return [lane for lane in self.running.values() if lane.waits_for is None]

    def set_aside(self, lane: AnyLane) -> None:
        """Give its cells up; it continues, first in the queue, from its own tokens."""
        self.leave(lane)
        lane.set_aside()
        self.waiting.appendleft(lane)

    def leave(self, lane: AnyLane) -> None:
        """It neither waits nor runs any more, and holds no cells."""
        if self.running.pop(lane.command.id, None) is None:
            self.waiting.remove(lane)
        if lane.sequence is not None:
            self._memory.close(lane.sequence)
            lane.sequence = None

    def _let_in(self) -> None:
        while self.waiting and len(self.running) < self._most:
            lane = self.waiting[0]
            if not self._fits(lane):
                return
            self.waiting.popleft()
            lane.sequence = self._memory.open()
            self.running[lane.command.id] = lane
            self._begin(lane)

    def _fits(self, lane: AnyLane) -> bool:
        """Whether there is room, now or once those who finished have left."""
        while self._memory.free < self._needs(lane) or not self._memory.spare_sequences:
            if not self._departures.settle(hurry=True):
                return False
        return True

    def _needs(self, lane: AnyLane) -> int:
        """Cells that the request needs beyond those it will share. Never more than there are, so
        that a request alone is always admitted."""
        shared = 0 if isinstance(lane, ScoreLane) else self._leader(lane)[1]
        needed = len(lane.tokens) + HEADROOM - (shared if shared >= WORTH_WAITING else 0)
        return min(needed, self._memory.cells) if not self.running else needed

    def _begin(self, lane: AnyLane) -> None:
        """Take over what is computed already, or wait for one who is just computing it."""
        if isinstance(lane, ScoreLane):
            return
        tokens, key = lane.array(), lane.command.adapter
        prefix, kept = self._prefixes.longest(key, tokens)
        leaving, held = self._departures.longest(key, tokens)
        leader, ahead = self._leader(lane)
        most = max(kept, held)
        if leader is not None and leader.done < most:
            most += WORTH_WAITING  # to copy is quicker than to wait
        if leader is not None and ahead >= max(most, WORTH_WAITING):
            lane.waits_for = leader
        elif leaving is not None and held >= kept:
            self._share(lane, leaving, held)
        elif prefix is not None:
            self._restore(lane, prefix, common(prefix.tokens, tokens))

    def _leader(self, lane: Lane) -> tuple[Lane | None, int]:
        """The running request that shares most with this one."""
        tokens, key = lane.array(), lane.command.adapter
        best: tuple[Lane | None, int] = (None, 0)
        for other in self.running.values():
            if other is lane or not isinstance(other, Lane) or other.command.adapter != key:
                continue
            shared = common(other.array(), tokens)
            if shared > best[1] and other.waits_for is None:
                best = (other, shared)
        return best

    def _join(self, lane: AnyLane) -> None:
        """Share the leader's cells once it has computed the common beginning; if it is gone, look
        again."""
        leader = lane.waits_for
        if leader is None or not isinstance(lane, Lane):
            return
        if leader.sequence is None or leader.command.id not in self.running:
            lane.waits_for = None
            self._begin(lane)
            return
        shared = min(common(leader.array(), lane.array()), len(lane.tokens) - 1)
        if leader.done >= shared:
            lane.waits_for = None
            self._share(lane, leader.sequence, shared)

    def _share(self, lane: Lane, source: int, tokens: int) -> None:
        """At least one token stays to be decoded: its logits choose the next."""
        tokens = min(tokens, len(lane.tokens) - 1)
        assert lane.sequence is not None
        if tokens:
            self._memory.share(source, lane.sequence, tokens)
        self._starts_at(lane, tokens)

    def _restore(self, lane: Lane, prefix: Prefix, tokens: int) -> None:
        """The same out of what a finished request left."""
        tokens = min(tokens, len(lane.tokens) - 1)
        assert lane.sequence is not None
        if tokens and self._memory.put_in(lane.sequence, prefix.state, len(prefix.tokens)):
            self._memory.trim(lane.sequence, tokens)
            self._starts_at(lane, tokens)

    @staticmethod
    def _starts_at(lane: Lane, tokens: int) -> None:
        lane.done = tokens
        if not lane.generated:
            lane.cached = tokens
