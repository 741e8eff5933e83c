"""What the next decode call holds: a token of each who writes, guesses, and pieces of prompts."""

from __future__ import annotations

from lemmata.engines.llama.calls import SMALLEST_PIECE
from lemmata.engines.llama.lane import AnyLane, Lane
from lemmata.engines.llama.protocol import Brought, Piece
from lemmata.engines.llama.speculation import Speculation

LONGEST_STEP_S = 0.25
"""What a piece of a prompt may cost those who decode beside it."""

Part = tuple[AnyLane, int]
"""A request and how many of its tokens to decode."""


class Planner:
    """Calls of at most `rows` tokens, of which at most `outputs` may want logits."""

    def __init__(self, rows: int, outputs: int, speculation: Speculation) -> None:
        self._rows, self._outputs = rows, outputs
        self._speculation = speculation
        self._guesses: tuple[int, int] | None = None

    def plan(self, lanes: list[AnyLane], beside: bool, rate: float) -> list[Part]:
        """The requests of one adapter: one token for each that writes, then pieces of prompts, the
        earliest request first. `beside`: others run too, so a piece may not take long; `rate` is
        how many tokens of a prompt are read a second."""
        writing = [lane for lane in lanes if lane.pending == 1 and not lane.outputs]
        if len(writing) == len(lanes) and self._speculation.most:
            return self._guess(writing)
        room = self._rows - len(writing)
        if beside:
            room = min(room, max(SMALLEST_PIECE, int(rate * LONGEST_STEP_S)))
        reading = [lane for lane in lanes if lane not in writing]
        return [(lane, 1) for lane in writing] + self._pieces(
            reading, room, self._outputs - len(writing)
        )

    @staticmethod
    def _pieces(lanes: list[AnyLane], room: int, outputs: int) -> list[Part]:
        plan = []
        for lane in lanes:
            if not room or not outputs:
                break
            piece = min(lane.pending, room, outputs if lane.outputs else room)
            outputs -= piece if lane.outputs else 1
            room -= piece
            plan.append((lane, piece))
        return plan

    def _guess(self, lanes: list[AnyLane]) -> list[Part]:
        """All write: each with its last token, and with what may follow where guessing pays."""
        rows = min(self._outputs, self._rows)
        room = min(self._speculation.most, rows // len(lanes) - 1)
        guessed = [lane for lane in lanes if isinstance(lane, Lane) and lane.guess(room)]
        if guessed:
            length = self._speculation.length(len(lanes))
            for lane in guessed:
                lane.draft = lane.draft[:length]
            self._guesses = (len(lanes), length)
        return [(lane, 1 + len(lane.draft)) for lane in lanes]

    def note(self, seconds: float, brought: Brought) -> None:
        """What the planned calls took together, and what they brought."""
        if self._guesses is not None:
            tokens = sum(piece.tokens for piece in brought if isinstance(piece, Piece))
            self._speculation.note(*self._guesses, seconds, tokens)
            self._guesses = None
