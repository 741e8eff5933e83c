"""What the programming families share: the frame of a statement, of a solution, of the tests."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lemmata.data.tasks.family import Item
from lemmata.prompts.language import Language

_TEXT = {
    "en": {
        "input": "Input: {}", "output": "Output: {}", "ask": "Write a Python program that reads "
        "standard input and writes standard output.", "understand": "Understand: ",
        "model": "Model: ", "derive": "Derive: ", "verify": "Verify: ",
        "run": "for the input `{given}` the program prints {wanted}. Time {time}, memory {memory}.",
    },
    "zh": {
        "input": "输入：{}", "output": "输出：{}", "ask": "请写一个 Python 程序，从标准输入读入，向标准输出写出"
        "结果。", "understand": "理解：", "model": "建模：", "derive": "推导：", "verify": "验证：",
        "run": "输入 `{given}` 时程序输出 {wanted}。时间复杂度 {time}，空间复杂度 {memory}。",
    },
}  # fmt: skip


def problem(language: Language, story: str, given: str, wanted: str) -> str:
    """The story, the input and output formats, and what to write."""
    text = _TEXT[language]
    lines = (story, text["input"].format(given), text["output"].format(wanted), text["ask"])
    return "\n".join(lines)


def solution(
    language: Language,
    steps: tuple[str, str, str],
    code: str,
    sample: tuple[str, str],
    cost: tuple[str, str],
) -> str:
    """Understand, model (the state), derive (the recurrence and the program), verify (a run)."""
    text = _TEXT[language]
    understand, model, derive = steps
    given = sample[0].strip().replace("\n", " / ")
    run = text["run"].format(given=given, wanted=sample[1].strip(), time=cost[0], memory=cost[1])
    return "\n".join(
        (
            text["understand"] + understand,
            text["model"] + model,
            text["derive"] + derive,
            "```python",
            textwrap.dedent(code).strip(),
            "```",
            text["verify"] + run,
        )
    )


def varied(draw: Callable[[], str], solve: Callable[[str], str]) -> tuple[list[str], list[str]]:
    """Six inputs with their outputs, not all the same: no constant passes them."""
    inputs = [draw() for _ in range(6)]
    outputs = [solve(given) for given in inputs]
    while len(set(outputs)) == 1:
        inputs[-1] = draw()
        outputs[-1] = solve(inputs[-1])
    return inputs, outputs


def item(
    statement: str,
    derivation: str,
    variant: Mapping[str, Any],
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> Item:
    """`variant` says which problem this is; equal variants have equal programs and are twins."""
    return Item(
        statement,
        derivation,
        answer(outputs),
        {**variant, "inputs": list(inputs)},
        [(given, f"{wanted}\n") for given, wanted in zip(inputs, outputs, strict=True)],
    )


def answer(outputs: Sequence[str]) -> str:
    """The outputs of all tests as one text."""
    return json.dumps(list(outputs))
