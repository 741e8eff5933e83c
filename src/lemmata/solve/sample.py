"""One derivation while it is written, and what is made of it at its end."""

from __future__ import annotations

from dataclasses import replace

from lemmata.engines.base import Delta
from lemmata.solve.circling import Circling
from lemmata.solve.events import Candidate, Piece
from lemmata.solve.think import Splitter
from lemmata.solve.weights import weight
from lemmata.types import FinishReason


class Sample:
    """What one request has written so far. `begun` is text that stood there before: a derivation
    that is taken up again; `spent` are the tokens it cost before."""

    def __init__(self, index: int, inside: bool, begun: str = "", spent: int = 0) -> None:
        self.index = index
        self._splitter = Splitter(inside)
        self._parts: dict[str, list[str]] = {"reasoning": [], "derivation": []}
        self._texts = [begun] if begun else []
        self._circling = Circling()
        self._told, self.thought = spent, 0
        self._before = spent
        if begun:
            self._split(begun, False, 0)

    @property
    def text(self) -> str:
        """All that the model wrote, tags included."""
        return "".join(self._texts)

    @property
    def derivation(self) -> str:
        """What it wrote down after thinking, so far."""
        return "".join(self._parts["derivation"])

    @property
    def tokens(self) -> int:
        """Completion tokens. Some servers count only at the end: until then one for each piece."""
        return max(self._told, self._before + self._circling.pieces)

    @property
    def thinking(self) -> bool:
        return self._splitter.thinking

    @property
    def looping(self) -> bool:
        """Whether its end is one passage over and over. The embedded engine looks for itself;
        servers elsewhere do not."""
        return self._circling.found

    def add(self, delta: Delta) -> list[Piece]:
        """Take in a piece of text; returns it split into thinking and derivation."""
        self._texts.append(delta.text)
        self._told += delta.tokens
        if self.thinking:
            self.thought += max(delta.tokens, bool(delta.text))
        self._circling.add(delta.text)
        return self._split(delta.text, delta.finish_reason is not None, delta.tokens)

    def told(self, text: str) -> list[Piece]:
        """`text` as pieces, which was put behind what it wrote to have the answer demanded."""
        return self._split(text, False, 0)

    def _split(self, text: str, last: bool, tokens: int) -> list[Piece]:
        splits = [self._splitter.feed(text)]
        if last:
            splits.append(self._splitter.finish())
        pieces = []
        for split in splits:
            for kind, part in (("reasoning", split.reasoning), ("derivation", split.answer)):
                if part:
                    self._parts[kind].append(part)
                    pieces.append(Piece(self.index, kind, part, tokens))  # type: ignore[arg-type]
                    tokens = 0
        return pieces

    def candidate(self, reason: FinishReason) -> Candidate:
        """What it came to, its steps not yet checked."""
        from lemmata.verify import answer

        reasoning, derivation = ("".join(self._parts[k]) for k in ("reasoning", "derivation"))
        found = answer.extract(derivation or reasoning)
        if found and found.where == "last line" and reason != "stop":
            found = None  # the line at which a text was cut off concludes nothing
        text = found.text if found else None
        return Candidate(self.index, reasoning, derivation, text, reason, self.tokens)


def checked(candidate: Candidate, problem: str, weighted: bool) -> Candidate:
    """The candidate with its steps checked; its vote is weighed by them if `weighted`."""
    from lemmata.verify import verify_steps

    report = verify_steps(candidate.derivation, problem)
    fails = sum(step.state == "fails" for step in report.steps)
    return replace(
        candidate,
        holds=sum(step.state == "holds" for step in report.steps),
        fails=fails,
        coverage=round(report.coverage, 4),
        weight=weight(fails, report.coverage) if weighted else 1.0,
    )
