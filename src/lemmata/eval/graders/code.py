"""Programs, judged in the sandbox by the item's own tests."""

from __future__ import annotations

import re

from lemmata.errors import BadData
from lemmata.eval.graders.base import Grade, derivation_of, in_language, loops
from lemmata.eval.item import Item
from lemmata.verify import Asserts, Judgement, Limits, Stdio, judge

LIMITS = Limits(time_s=5.0)
"""CPU seconds of one test; HumanEval's own harness allows 3 seconds of wall time."""
_BLOCK = re.compile(r"```(?:python|py|Python)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL)


class CodeGrader:
    """The last code block with the asked-for function, else the last one, is the program."""

    def grade(self, item: Item, text: str, finished: bool) -> Grade:
        del finished
        derivation = derivation_of(text)
        program = program_of(item, derivation)
        written = loops(text), in_language(item, derivation)
        if program is None:
            return Grade("incorrect", "no program", None, 0, 0, "", *written)
        judged = _judge(item, program)
        if judged.verdict == "AC":
            return Grade("correct", "all tests pass", program, 0, 0, "", *written)
        reason = f"{judged.verdict} {_reason(judged)}".strip()
        return Grade("incorrect", reason, program, 0, 0, "", *written)

    def fault_of_gold(self, item: Item) -> str:
        if not item.gold.startswith("```"):
            return ""  # a task family's tests were made by its own checked program
        judged = _judge(item, program_of(item, item.gold) or "")
        return "" if judged.verdict == "AC" else f"fails its own tests ({judged.verdict})"

    def same(self, item: Item, answer: str, other: str) -> bool | None:
        del item, answer, other
        return None


def program_of(item: Item, derivation: str) -> str | None:
    """The program of an answer, with the given head where only a body was written."""
    function = item.extra.get("function")
    blocks = [block for block in _BLOCK.findall(derivation) if block.strip()]
    if not blocks and (function is None or f"def {function}" not in derivation):
        return None
    if function is None:
        return str(blocks[-1])
    wanted = f"def {function}"
    whole = [block for block in blocks if wanted in block] or (
        [derivation] if wanted in derivation and not blocks else []
    )
    if whole:
        # After the given head: its imports and helpers hold, its empty function is replaced.
        return f"{item.extra['prompt']}\n\n{whole[-1]}"
    return f"{item.extra['prompt']}{blocks[-1]}"


def _judge(item: Item, program: str) -> Judgement:
    if "function" in item.extra:
        helpers = str(item.extra["prompt"])  # some tests call what the head defines
        test = Asserts(str(item.extra["function"]), str(item.extra["code"]), helpers)
        return judge(program, [test], LIMITS)
    tests = [Stdio(given, wanted) for given, wanted in item.extra.get("tests", ())]
    if not tests:
        raise BadData(f"item {item.id} has no tests", "A code item needs tests.")
    return judge(program, tests, LIMITS, until_failure=True)


def _reason(judged: Judgement) -> str:
    return judged.complaint[:200] or (
        judged.tests[judged.first_failing].reason if judged.first_failing is not None else ""
    )
