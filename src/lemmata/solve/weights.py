"""What a derivation's vote counts, by what a machine could check of its steps.

    weight = (1 + TRUST * coverage) * DOUBT ^ min(fails, 2)

`coverage` is the share of steps that were checked, `fails` how many of them are wrong
(`verify.steps`). A derivation of which nothing can be checked weighs 1; one whose every step was
checked and holds weighs 1 + TRUST: so that two votes never reach a confidence of 0.95, however well
they check. The constants were set by reasoning (docs/decisions/0030); `bench/vote.py replay`
compares them with others on its `tune` problems, which no reported figure contains.
"""

from __future__ import annotations

TRUST = 0.5
DOUBT = 0.1
HEAVIEST = 1.0 + TRUST
"""No vote weighs more."""


def weight(fails: int, coverage: float, trust: float = TRUST, doubt: float = DOUBT) -> float:
    """The formula above; `coverage` from 0 to 1."""
    return float((1.0 + trust * coverage) * doubt ** min(fails, 2))
