"""Continuous batching over one context: who runs, who waits, what the next decode call holds.

A plain object without threads or clocks of its own: `submit`, `cancel`, `step`, `settle`. Each step
serves one adapter (rotation.py) and mixes its writing requests, one token each, with pieces of its
prompts (plan.py). Requests are let in in order when the cells hold their prompt (admission.py);
when cells run out, the latest request is set aside and later continued where it was.
"""

from __future__ import annotations

from collections.abc import Sequence

from lemmata.engines.llama.admission import WORTH_WAITING, Admission
from lemmata.engines.llama.calls import Calls
from lemmata.engines.llama.departures import Departures
from lemmata.engines.llama.lane import AnyLane, Lane, ScoreLane
from lemmata.engines.llama.library import Context, Model
from lemmata.engines.llama.memory import Memory
from lemmata.engines.llama.options import Options
from lemmata.engines.llama.plan import Part, Planner
from lemmata.engines.llama.protocol import (
    AdapterKey,
    Brought,
    Piece,
    Reply,
    Score,
    Submit,
    failure,
)
from lemmata.engines.llama.residents import Residents
from lemmata.engines.llama.rotation import Rotation
from lemmata.engines.llama.shared import Shared
from lemmata.errors import BadInput


class Scheduler:
    """`context` has `options.cells`. Several have the model, its `residents` and what is `shared`
    in common. `elsewhere`: the cells of a larger one that goes on with what does not fit here."""

    def __init__(
        self,
        model: Model,
        context: Context,
        residents: Residents,
        options: Options,
        shared: Shared | None = None,
        elsewhere: int = 0,
    ) -> None:
        self._model, self._context, self._residents = model, context, residents
        cells = elsewhere or options.cells
        self.context_tokens = min(options.context or model.trained_context, cells)
        self._memory = Memory(context, options.cells, options.sequences)
        self._elsewhere, self._surplus = bool(elsewhere), list[AnyLane]()
        shared = shared or Shared(options)
        self._prefixes = shared.prefixes
        self._departures = Departures(self._memory, self._prefixes)
        self._admission = Admission(self._memory, self._prefixes, self._departures, options.running)
        self._rotation = Rotation(options.slice_steps)
        self._planner = Planner(options.chunk, context.outputs, shared.speculation)
        self._widths = shared.widths
        self._calls = Calls(context, residents, shared.cores)

    @property
    def idle(self) -> bool:
        return not (self._admission.waiting or self._admission.running)

    @property
    def active(self) -> int:
        return len(self._admission.running)

    @property
    def queued(self) -> int:
        return len(self._admission.waiting)

    @property
    def leaving(self) -> int:
        """Finished requests that `settle` has still to copy out of the cells."""
        return len(self._departures)

    @property
    def kv_used(self) -> int:
        return self._memory.used

    def submit(self, command: Submit | Score) -> None:
        """Queue a request. Its tokens fit the context (the parent checks), and its adapter is
        pinned, until it ends. Raises BadInput for a grammar that cannot be used."""
        self._admission.waiting.append(self._lane(command))

    def _lane(self, command: Submit | Score) -> AnyLane:
        if isinstance(command, Score):
            return ScoreLane(command)
        room = self.context_tokens - len(command.tokens)
        asked = command.sampling.max_tokens
        limit = room if asked is None else min(asked, room)
        return Lane(command, self._model.vocabulary, limit)

    def cancel(self, number: int) -> list[Piece | Reply]:
        """End a request where it is; its cells are free at once."""
        lane = self._admission.find(number)
        return [] if lane is None else [self._end(lane, lane.end("cancelled"))]

    def _end(self, lane: AnyLane, last: Piece | Reply) -> Piece | Reply:
        """End a request before its time."""
        self._finish(lane, keep=lane.done >= WORTH_WAITING and not lane.outputs)
        return last

    def step(self) -> Brought:
        """Let in who fits, run one decode call, and return what it brought."""
        late = [lane for lane in self._admission.all() if lane.overdue]
        if late:
            return [self._end(lane, lane.end("length", "deadline")) for lane in late]
        ready = self._admission.ready()
        if not ready:
            return []
        urgent = {lane.command.adapter for lane in ready if not lane.generated}
        key = self._rotation.pick({lane.command.adapter for lane in ready}, urgent)
        lanes = [lane for lane in ready if lane.command.adapter == key]
        plan = self._planner.plan(lanes, self.active > 1, self._calls.rate)
        return self._decode(key, self._fit(plan))

    def settle(self, hurry: bool = False) -> bool:
        """Between steps: copy a finished request out of the cells, where that costs nobody time or
        `hurry` is given. Says whether one left."""
        return self._departures.settle(hurry)

    def _decode(self, key: AdapterKey, plan: list[Part]) -> Brought:
        single = all(count == 1 and not lane.outputs for lane, count in plan)
        parts = self._widths.parts(plan) if single else [plan]
        seconds, brought = 0.0, Brought()
        for part in parts:
            took, pieces = self._call(key, part)
            seconds += took
            brought += pieces
        if single:
            self._widths.note(parts, seconds)
        self._planner.note(seconds, brought)
        return brought

    def _call(self, key: AdapterKey, plan: Sequence[Part]) -> tuple[float, Brought]:
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

    def _fit(self, plan: list[Part]) -> list[Part]:
        """Free the cells that the plan needs: those of finished requests first, then guesses go,
        then the latest request."""
        while (needed := sum(count for _, count in plan)) > self._memory.free:
            if self._departures.settle(hurry=True):
                continue
            if any(lane.draft for lane, _ in plan):
                plan = [(lane, count - len(lane.draft)) for lane, count in plan]
                for lane, _ in plan:
                    lane.draft = []
                continue
            if self.active == 1 and not self._elsewhere:
                lane, _ = plan[0]
                return [(lane, min(needed, self._memory.free))]
            latest = list(self._admission.running.values())[-1]
            self._set_aside(latest)
            plan = [(lane, count) for lane, count in plan if lane is not latest]
        return plan

    def _set_aside(self, lane: AnyLane) -> None:
        if not self._elsewhere:
            self._admission.set_aside(lane)
            return
        if isinstance(lane, Lane) and lane.sequence is not None and lane.done:
            self._leave(lane)
            while self._departures.settle(hurry=True):
                pass  # so that it finds there what it computed here
        self._admission.leave(lane)
        lane.set_aside()
        self._surplus.append(lane)
        if self.idle:
            self._calls.rest()

    def surplus(self) -> list[AnyLane]:
        """The requests that are to go on in the larger context."""
        lanes, self._surplus = self._surplus, []
        return lanes

    def adopt(self, lane: AnyLane) -> None:
        """Go on with a request that was begun elsewhere."""
        self._admission.waiting.appendleft(lane)

    def _take(self, wanted: list[tuple[AnyLane, int, int]]) -> Brought:
        brought: Brought = []
        for lane, row, count in wanted:
            try:
                piece = lane.take(self._context, row, count)
            except BadInput as error:
                self._finish(lane, keep=False)
                brought.append(failure(lane.command.id, error))
                continue
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
        lane.close()
        self._residents.unpin(lane.command.adapter.sha256)
        if keep and lane.done and lane.sequence is not None:
            self._leave(lane)
        self._admission.leave(lane)
        if self.idle:
            self._calls.rest()

    def _leave(self, lane: AnyLane) -> None:
        """What it computed is kept."""
        assert lane.sequence is not None
        tokens = lane.array()[: lane.done]
        self._departures.leave(lane.command.adapter, tokens, lane.sequence)
        lane.sequence = None

    def close(self) -> None:
        """End everything, with no adapter in force."""
        for lane in self._admission.all():
            lane.close()
        self._departures.close()
        self._calls.release()

    def forget(self, sha256: str) -> None:
        """An adapter is to leave the memory, as soon as no request needs it."""
        if all(lane.command.adapter.sha256 != sha256 for lane in self._admission.all()):
            self._calls.release(sha256)
