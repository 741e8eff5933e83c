"""Continuous batching over one context: who runs, who waits, what the next decode call holds.

A plain object without threads or clocks of its own: `submit`, `cancel`, `step`. Each step serves
one adapter (rotation.py) and mixes its decoding requests, one token each, with pieces of its
prompts. Requests are admitted in order when the cells hold their prompt; when cells run out, the
latest request is set aside and later continued where it was.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from lemmata.engines.llama.calls import SMALLEST_PIECE, Calls
from lemmata.engines.llama.lane import Lane, ScoreLane
from lemmata.engines.llama.library import Context, Model
from lemmata.engines.llama.memory import Memory
from lemmata.engines.llama.options import Options
from lemmata.engines.llama.prefixes import Prefix, Prefixes, common
from lemmata.engines.llama.protocol import AdapterKey, Piece, Reply, Score, Submit
from lemmata.engines.llama.residents import Residents
from lemmata.engines.llama.rotation import Rotation
from lemmata.engines.llama.speculation import Speculation
from lemmata.engines.llama.widths import Widths

HEADROOM = 64
"""Free cells that admission leaves for the tokens a request is about to write."""
WORTH_WAITING = 32
"""Shared tokens for which a request waits until another has computed them."""
LONGEST_STEP_S = 0.25
"""What a piece of a prompt may cost those who decode beside it."""

AnyLane = Lane | ScoreLane


class Scheduler:
    def __init__(self, model: Model, context: Context, residents: Residents, options: Options):
        self._model, self._context, self._residents = model, context, residents
        self._options = options
        self.context_tokens = min(options.context or model.trained_context, options.cells)
        self._memory = Memory(context, options.cells, options.sequences)
        self._prefixes = Prefixes(self._memory, options.prefix_mb << 20)
        self._rotation = Rotation(options.slice_steps)
        self._waiting: deque[AnyLane] = deque()
        self._running: dict[int, AnyLane] = {}
        self._speculation = Speculation(options.draft)
        self._guesses: tuple[int, int] | None = None
        self._widths = Widths()
        self._calls = Calls(context, residents, options.threads)

    @property
    def idle(self) -> bool:
        return not (self._waiting or self._running)

    @property
    def active(self) -> int:
        return len(self._running)

    @property
    def queued(self) -> int:
        return len(self._waiting)

    @property
    def decoding_since(self) -> float | None:
        """When the decode call that runs now began, of the monotonic clock."""
        return self._calls.since

    @property
    def kv_used(self) -> int:
        return self._memory.used

    def submit(self, command: Submit | Score) -> None:
        """Queue a request. Its tokens fit the context (the parent checks). Raises AdapterRefused
        for an adapter that is not loaded, BadInput for a grammar that cannot be used."""
        lane = self._lane(command)
        self._residents.pin(command.adapter.sha256)
        self._waiting.append(lane)

    def _lane(self, command: Submit | Score) -> AnyLane:
        if isinstance(command, Score):
            return ScoreLane(command)
        room = self.context_tokens - len(command.tokens)
        asked = command.sampling.max_tokens
        limit = room if asked is None else min(asked, room)
        return Lane(command, self._model.vocabulary, limit)

    def cancel(self, number: int) -> list[Piece | Reply]:
        """End a request where it is; its cells are free at once."""
        lane = self._running.get(number)
        if lane is None:
            lane = next((lane for lane in self._waiting if lane.command.id == number), None)
            if lane is None:
                return []
        return [self._end(lane, lane.end("cancelled"))]

    def _end(self, lane: AnyLane, last: Piece | Reply) -> Piece | Reply:
        """End a request before its time."""
        if lane in self._waiting:
            self._waiting.remove(lane)
        self._finish(lane, keep=lane.done >= WORTH_WAITING and not lane.outputs)
        return last

    def step(self) -> list[Piece | Reply]:
        """Admit who fits, run one decode call, and return what it brought."""
        late = [lane for lane in (*self._running.values(), *self._waiting) if lane.overdue]
        if late:
            return [self._end(lane, lane.end("length", "deadline")) for lane in late]
        self._admit()
        for lane in self._running.values():
            self._join(lane)
        ready = [lane for lane in self._running.values() if lane.waits_for is None]
        if not ready:
            return []
        urgent = {lane.command.adapter for lane in ready if not lane.generated}
        key = self._rotation.pick({lane.command.adapter for lane in ready}, urgent)
        plan = self._plan([lane for lane in ready if lane.command.adapter == key])
        return self._decode(key, plan)

    # Admission

    def _admit(self) -> None:
        while self._waiting and len(self._running) < self._options.running:
            lane = self._waiting[0]
            if self._memory.free < self._needs(lane) or not self._memory.spare_sequences:
                return
            self._waiting.popleft()
            lane.sequence = self._memory.open()
            self._running[lane.command.id] = lane
            self._begin(lane)

    def _needs(self, lane: AnyLane) -> int:
        """Cells that the request needs beyond those it will share. Never more than there are, so
        that a request alone is always admitted."""
        shared = 0 if isinstance(lane, ScoreLane) else self._leader(lane)[1]
        needed = len(lane.tokens) + HEADROOM - (shared if shared >= WORTH_WAITING else 0)
        return min(needed, self._memory.cells) if not self._running else needed

    def _begin(self, lane: AnyLane) -> None:
        """Take over what is computed already, or wait for one who is just computing it."""
        if isinstance(lane, ScoreLane):
            return
        tokens = lane.array()
        prefix, kept = self._prefixes.longest(lane.command.adapter, tokens)
        leader, ahead = self._leader(lane)
        if leader is not None and leader.done < kept:
            kept += WORTH_WAITING  # to copy is quicker than to wait
        if leader is not None and ahead >= max(kept, WORTH_WAITING):
            lane.waits_for = leader
        elif prefix is not None:
            self._restore(lane, prefix, common(prefix.tokens, tokens))

    def _leader(self, lane: Lane) -> tuple[Lane | None, int]:
        """The running request that shares most with this one."""
        tokens, key = lane.array(), lane.command.adapter
        best: tuple[Lane | None, int] = (None, 0)
        for other in self._running.values():
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
        if leader.sequence is None or leader.command.id not in self._running:
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

    # One decode call

    def _plan(self, lanes: list[AnyLane]) -> list[tuple[AnyLane, int]]:
        """Each lane with how many of its tokens to decode now: one for each that decodes, then
        pieces of prompts, the earliest request first."""
        decoding = [lane for lane in lanes if lane.pending == 1 and not lane.outputs]
        if len(decoding) == len(lanes) and self._speculation.most:
            return self._guess(decoding)
        room = self._options.chunk - len(decoding)
        if len(self._running) > 1:
            room = min(room, max(SMALLEST_PIECE, int(self._calls.rate * LONGEST_STEP_S)))
        outputs = self._context.outputs - len(decoding)
        plan = [(lane, 1) for lane in decoding]
        for lane in lanes:
            if lane in decoding or not room or not outputs:
                continue
            piece = min(lane.pending, room, outputs if lane.outputs else room)
            outputs -= piece if lane.outputs else 1
            room -= piece
            plan.append((lane, piece))
        return plan

    def _guess(self, lanes: list[AnyLane]) -> list[tuple[AnyLane, int]]:
        """All decode: each with its last token, and with what may follow where guessing pays."""
        rows = min(self._context.outputs, self._options.chunk)
        room = min(self._speculation.most, rows // len(lanes) - 1)
        guessed = [lane for lane in lanes if isinstance(lane, Lane) and lane.guess(room)]
        if guessed:
            length = self._speculation.length(len(lanes))
            for lane in guessed:
                lane.draft = lane.draft[:length]
            self._guesses = (len(lanes), length)
        return [(lane, 1 + len(lane.draft)) for lane in lanes]

    def _decode(self, key: AdapterKey, plan: list[tuple[AnyLane, int]]) -> list[Piece | Reply]:
        plan = self._fit(plan)
        single = all(count == 1 and not lane.outputs for lane, count in plan)
        parts = self._widths.parts(plan) if single else [plan]
        seconds, brought = 0.0, list[Piece | Reply]()
        for part in parts:
            took, pieces = self._call(key, part)
            seconds += took
            brought += pieces
        if single:
            self._widths.note(parts, seconds)
        self._note_guesses(seconds, brought)
        return brought

    def _call(
        self, key: AdapterKey, plan: Sequence[tuple[AnyLane, int]]
    ) -> tuple[float, list[Piece | Reply]]:
        """One call: its seconds, and what it brought."""
        rows: list[tuple[int, int, int, bool]] = []
        wanted: list[tuple[AnyLane, int, int]] = []
        for lane, count in plan:
            assert lane.sequence is not None
            self._memory.grow(lane.sequence, count)
            tokens = [*lane.tokens[lane.done :], *lane.draft][:count]
            first = lane.done if lane.outputs else max(lane.done, len(lane.tokens) - 1)
            if first < lane.done + count:
                wanted.append((lane, len(rows) + first - lane.done, lane.done + count - first))
            for position, token in enumerate(tokens, lane.done):
                rows.append((token, position, lane.sequence, position >= first))
            lane.done += count
        return self._calls.run(key, rows), self._take(wanted)

    def _fit(self, plan: list[tuple[AnyLane, int]]) -> list[tuple[AnyLane, int]]:
        """Free the cells that the plan needs: guesses go first, then the latest request."""
        while (needed := sum(count for _, count in plan)) > self._memory.free:
            if any(lane.draft for lane, _ in plan):
                plan = [(lane, count - len(lane.draft)) for lane, count in plan]
                for lane, _ in plan:
                    lane.draft = []
                continue
            if len(self._running) == 1:
                lane, _ = plan[0]
                plan = [(lane, min(needed, self._memory.free))]
                break
            latest = list(self._running.values())[-1]
            self._set_aside(latest)
            plan = [(lane, count) for lane, count in plan if lane is not latest]
        return plan

    def _set_aside(self, lane: AnyLane) -> None:
        """Give its cells up; it continues, first in the queue, from its own tokens."""
        assert lane.sequence is not None
        del self._running[lane.command.id]
        self._memory.close(lane.sequence)
        lane.set_aside()
        self._waiting.appendleft(lane)

    def _note_guesses(self, seconds: float, brought: list[Piece | Reply]) -> None:
        if self._guesses is not None:
            tokens = sum(piece.tokens for piece in brought if isinstance(piece, Piece))
            self._speculation.note(*self._guesses, seconds, tokens)
            self._guesses = None

    def _take(self, wanted: list[tuple[AnyLane, int, int]]) -> list[Piece | Reply]:
        brought: list[Piece | Reply] = []
        for lane, row, count in wanted:
            piece = lane.take(self._context, row, count)
            if lane.sequence is not None:
                self._memory.trim(lane.sequence, lane.done)
            if piece is None:
                continue
            brought.append(piece)
            if isinstance(piece, Reply):
                self._finish(lane, keep=False)
            elif piece.finish_reason is not None:
                self._finish(lane, keep=True)
        return brought

    def _finish(self, lane: AnyLane, keep: bool) -> None:
        self._running.pop(lane.command.id, None)
        lane.close()
        self._residents.unpin(lane.command.adapter.sha256)
        if lane.sequence is None:
            return
        if keep and lane.done:
            self._prefixes.keep(lane.command.adapter, lane.array()[: lane.done], lane.sequence)
        else:
            self._memory.close(lane.sequence)
        lane.sequence = None

    def close(self) -> None:
        """End everything and free the adapters."""
        for lane in (*self._running.values(), *self._waiting):
            lane.close()
        self._residents.close()
