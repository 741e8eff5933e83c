"""What a gate demands: five checks against the base, each with its interval and its limit.

A check passes or fails by its value; the 95 % interval beside it says how far that may be believed.
A gate asks few questions, so a demand on the interval's end would fail every adapter, or none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lemmata.train.gate_questions import Question
from lemmata.train.intervals import Interval, mean, paired, wilson
from lemmata.train.measure import Answer
from lemmata.train.recipe import Recipe

FORGETTING = frozenset({"retention", "divergence"})
"""Checks whose failure replay can mend."""


@dataclass(frozen=True, slots=True)
class Check:
    """`name`: target, retention, divergence, format or language. `before` and `after` are shares of
    the base and the tuned model (None for the divergence); `change` is what is judged."""

    name: str
    passed: bool
    change: Interval
    limit: float
    before: float | None
    after: float | None
    says: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions with the base's answers and the tuned model's."""

    questions: Sequence[Question]
    before: Sequence[Answer]
    after: Sequence[Answer]


def all_of(
    recipe: Recipe, target: Asked, retention: Asked, divergence: Sequence[float]
) -> list[Check]:
    """The checks of one gate."""
    both = Asked(
        (*target.questions, *retention.questions),
        (*target.before, *retention.before),
        (*target.after, *retention.after),
    )
    return [
        _share("target", "of the target's problems right", _right(target), recipe.target_gain),
        _share("retention", "of what is to be kept right", _right(retention),
               -recipe.retention_loss),
        _moved(divergence, recipe.max_kl),
        _share("format", "of answers finished", _finished(both), -recipe.format_loss),
        _share("language", "of answers in the problem's language", _language(both),
               -recipe.format_loss),
    ]  # fmt: skip


def right_shares(asked: Asked) -> tuple[Interval, Interval]:
    """Shares right before and after, each with its Wilson interval."""
    before, after = _right(asked)
    return wilson(sum(before), len(before)), wilson(sum(after), len(after))


Pairs = tuple[list[bool], list[bool]]


def _right(asked: Asked) -> Pairs:
    return _judged(asked, lambda question, answer: question.right(answer.text))


def _finished(asked: Asked) -> Pairs:
    return _judged(asked, lambda _, answer: answer.finished)


def _language(asked: Asked) -> Pairs:
    return _judged(asked, lambda question, answer: question.in_its_language(answer.text))


def _judged(asked: Asked, is_good: Callable[[Question, Answer], bool]) -> Pairs:
    old = [is_good(q, a) for q, a in zip(asked.questions, asked.before, strict=True)]
    new = [is_good(q, a) for q, a in zip(asked.questions, asked.after, strict=True)]
    return old, new


def _share(name: str, what: str, pairs: Pairs, least: float) -> Check:
    """A share that may not change by less than `least` (negative: may lose so much)."""
    before, after = pairs
    change = paired(before, after)
    old, new = sum(before) / len(before), sum(after) / len(after)
    passed = change.value >= least - 1e-9
    said = (
        f"{_percent(old)} {what} before, {_percent(new)} after: {_points(change.value)} "
        f"(95 % interval {_points(change.low)} to {_points(change.high)}); {_demand(least)}"
    )
    return Check(name, passed, change, least, old, new, said)


def _demand(least: float) -> str:
    if least > 0:
        return f"at least {_points(least)} was asked"
    return f"a loss of {-100 * least:.1f} points is allowed" if least else "no loss is allowed"


def _moved(divergence: Sequence[float], most: float) -> Check:
    if not divergence:
        nothing = "the base wrote nothing that it could be compared on"
        return Check("divergence", True, Interval(0.0, 0.0, 0.0), most, None, None, nothing)
    found = mean(divergence)
    said = (
        f"KL(base || tuned) {found.value:.3f} nats a token on the base's own answers "
        f"(95 % interval {found.low:.3f} to {found.high:.3f}); at most {most:g} is allowed"
    )
    return Check("divergence", found.value <= most, found, most, None, None, said)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _points(change: float) -> str:
    return f"{100 * change:+.1f} points"
