"""How a problem is to be solved, beyond what is asked and by which adapter."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from lemmata.errors import BadInput

Strategy = Literal["vote", "claims", "repair"]
Planning = Literal["auto", "model", "off"]

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Options:
    """The defaults are those of the command line. Raises BadInput for what means nothing."""

    strategy: Strategy = "vote"
    """`vote`: by the checks of the steps; `claims`: by the model's own judgement of its key claims;
    `repair`: as `vote`, and a derivation with a wrong step is taken up again before that step."""
    confidence: float | None = CONFIDENCE
    """Posterior at which a vote stops; None: only when the leader can no longer lose."""
    weighted: bool = True
    """Whether a vote is weighed by its checked steps."""
    budget_tokens: int | None = None
    """Completion tokens of all samples together, after which the answer is given."""
    budget_s: float | None = None
    """Seconds after which the answer is given."""
    thinking_budget: int | None = None
    """Tokens of thinking after which it is closed and the answer begins."""
    stop_loops: bool = True
    """End a text that only repeats itself."""
    policy: str | None = None
    """Language policy (`prompts.policy`); None: the default, or an adapter's frame as trained."""
    plan: Planning = "auto"
    """`auto`: split what is numbered or asks several questions; `model`: else let the model propose
    a plan; `off`: one question, whatever it says."""
    anyway: bool = False
    """Answer also what is no reasoning problem."""

    def __post_init__(self) -> None:
        for name, low in (("budget_tokens", 1), ("budget_s", 0.0), ("thinking_budget", 0)):
            value = getattr(self, name)
            if value is not None and not value >= low:
                raise BadInput(f"{name} is {value}", f"Give at least {low}.")
        if self.confidence is not None and not 0.5 < self.confidence < 1:
            raise BadInput(f"confidence is {self.confidence}", "Give a number over 0.5, under 1.")

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def read(values: dict[str, Any]) -> Options:
    """The options of a saved run. Raises BadInput for one of another version."""
    known = {item.name for item in fields(Options)}
    if not set(values) <= known:
        raise BadInput(f"unknown options: {', '.join(sorted(set(values) - known))}")
    return Options(**values)
