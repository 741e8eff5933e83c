"""What a derivation's vote counts, by what a machine could check of its steps.

    weight = (1 + TRUST * coverage) * DOUBT ^ min(fails, 2)

`coverage` is the share of steps that were checked, `fails` how many of them are wrong
(`verify.steps`). A derivation of which nothing can be checked weighs 1; one whose every step was
checked and holds weighs 1 + TRUST, so that no single vote reaches a confidence of 0.95, however
well it checks.

A check that others fail says more. Right derivations hardly ever fail it, so of n finished ones the
n - p that failed are wrong, and a wrong one passes with a probability of at most p / n: each vote
that passed counts n / p as much (a likelihood ratio), with Jeffreys' half added to both counts.
Where all pass, that is 1, and the vote is one of agreement.

The constants are chosen on the `tune` problems of `bench/vote.py`, which no reported figure
contains (docs/decisions/0077).
"""

from __future__ import annotations

from dataclasses import dataclass

TRUST = 2.0
DOUBT = 0.1


@dataclass(frozen=True, slots=True)
class Scale:
    """What votes of one kind weigh: at most `heaviest`; one still to come is counted on with
    `expected`. `by_steps`: by the formula above, so a wrong step costs nearly all of it."""

    heaviest: float
    expected: float
    by_steps: bool = False


ALIKE = Scale(1.0, 1.0)
BY_STEPS = Scale(1.0 + TRUST, 2.0, by_steps=True)


def weight(fails: int, coverage: float, trust: float = TRUST, doubt: float = DOUBT) -> float:
    """The formula above; `coverage` from 0 to 1."""
    return float((1.0 + trust * coverage) * doubt ** min(fails, 2))


def sharpness(finished: int, passed: int) -> float:
    """n / p of the text above, at least 1."""
    return (finished + 0.5) / (passed + 0.5)
