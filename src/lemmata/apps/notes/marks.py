"""Steps with the marks that a note may show: a check mark only beside what was computed.

`verify_steps` lets a stated answer hold that is one of the numbers known so far, those of the
problem among them. Around a question stand notes full of numbers, so here a step that computes
nothing holds only if all its numbers stand in earlier steps that do and hold.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from lemmata.types import Step
from lemmata.verify import verify_steps
from lemmata.verify.claims import claims
from lemmata.verify.steps import numbers

JUMP = "its value follows from nothing before it"
"""Why a step with a number that nothing gives is not checked."""


def marked(text: str, problem: str = "") -> tuple[Step, ...]:
    """The steps of a derivation, as `verify_steps` gives them but for that."""
    computed: set[Fraction] = set()
    out: list[Step] = []
    for step in verify_steps(text, problem).steps:
        if step.state == "holds":
            values = set(numbers(step.text))
            if claims(step.text):
                computed |= values
            elif not values or not values <= computed:
                step = replace(step, state="unchecked", claims=0)
        out.append(step)
    return tuple(out)
