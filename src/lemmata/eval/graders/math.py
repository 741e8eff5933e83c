"""Answers compared by value, derivations checked step by step."""

from __future__ import annotations

from lemmata.eval.graders.base import Grade, State, derivation_of, in_language, loops
from lemmata.eval.item import Item
from lemmata.types import Verdict
from lemmata.verify import answer as answers
from lemmata.verify import verify_math, verify_steps


def _state(verdict: Verdict | None) -> State:
    if verdict is None:
        return "incorrect"
    if verdict.state == "correct":
        return "correct"
    return "undecided" if verdict.state == "undecided" else "incorrect"


class MathGrader:
    """The answer that `lemmata solve` would take, compared by `lemmata verify math`."""

    def grade(self, item: Item, text: str, finished: bool) -> Grade:
        derivation = derivation_of(text)
        report = verify_steps(derivation, item.problem)
        wrong = [step for step in report.steps if step.state == "fails"]
        found = answers.extract(derivation)
        if found and found.where == "last line" and not finished:
            found = None  # the line at which a text was cut off concludes nothing
        answer = found.text if found else None
        verdict = verify_math(answer, item.gold) if answer else None
        return Grade(
            _state(verdict),
            verdict.reason if verdict is not None else "no final answer",
            answer,
            sum(step.state != "unchecked" for step in report.steps),
            len(wrong),
            wrong[0].reason if wrong else "",
            loops(text),
            in_language(item, derivation),
        )

    def fault_of_gold(self, item: Item) -> str:
        """It must survive what an answer goes through: a box in a sentence, found and compared."""
        text = f"So the answer is $\\boxed{{{item.gold}}}$."
        verdict = verify_math(text, item.gold)
        if verdict.state == "correct":
            return ""
        return f"does not pass its own verifier ({verdict.state}: {verdict.reason})"

    def same(self, item: Item, answer: str, other: str) -> bool | None:
        del item
        return verify_math(answer, other).state == "correct"
