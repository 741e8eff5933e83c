from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lemmata.solve import Control, Notice, Part, Plan, continuation, solve_events
from lemmata.solve.compound import question, read_plan, split
from lemmata.solve.options import Options
from lemmata.types import Message, Problem, Solution
from scripted import ScriptedEngine

COMPOUND = {
    "(1) Find x if 2x = 6. (2) Find y if y = x + 1.": ("", 2, "numbered"),
    "Let a = 3.\n1. Find a^2.\n2. Find a^3.\n3. What is their sum?": ("Let a = 3.", 3, "numbered"),
    "已知 a=3。（1）求 a 的平方；（2）求 a 的立方。": ("已知 a=3。", 2, "numbered"),
    "①求 1+1 ②求 2+2": ("", 2, "numbered"),
    "1. What is 2+2? 2. What is 3 times the result?": ("", 2, "numbered"),
    "Let a = 0.5. 1. Find 2a. 2) Find 4a.": ("Let a = 0.5.", 2, "numbered"),
    "1、求 1+1；2、求 2+2；3、求它们的积。": ("", 3, "numbered"),
    "设 a=3。\n1.求 a 的平方\n2.求 a 的立方": ("设 a=3。", 2, "numbered"),
    "有 3 个红球。第一问：求总数；第二问：求概率。": ("有 3 个红球。", 2, "numbered"),
    "a) Find the sum.\nb) Find the product.": ("", 2, "numbered"),
    "a) What is 2+2? b) What is 3*3?": ("", 2, "numbered"),
    "(i) Solve 2x = 4. (ii) Solve 3y = 9.": ("", 2, "numbered"),
    "(Ⅰ)求数列{a_n}的通项公式；(Ⅱ)求前n项和S_n。": ("", 2, "numbered"),
    "I. Find x. II. Find y. III. Find x + y.": ("", 3, "numbered"),
    "**1.** What is 2+2?\n**2.** What is 3+3?": ("", 2, "numbered"),
    "Let a=3. Part A: Find a^2. Part B: Find a^3.": ("Let a=3.", 2, "numbered"),
    "Q1: What is 2+2?\nQ2: What is 3*3?": ("", 2, "numbered"),
    "第一题：计算3+5。第二题：计算7*8。": ("", 2, "numbered"),
    "他有5个苹果。第1问：还剩几个？第2问：共有几个？": ("他有5个苹果。", 2, "numbered"),
    "问题一：3+5等于多少？问题二：7*8等于多少？": ("", 2, "numbered"),
    "一、计算12×13。二、计算45÷9。": ("", 2, "numbered"),
    "计算：（1）3+5；（2）7×8": ("计算：", 2, "numbered"),
    "Compute the following: (a) 3+5; (b) 7*8; (c) 9-4": ("Compute the following:", 3, "numbered"),
    "Tom has 3 figs. How many are left? How many pears?": ("Tom has 3 figs.", 2, "questions"),
    "求方程 x+y=5 的非负整数解的个数？其中正整数解有几个？": ("", 2, "questions"),
}  # fmt: skip
SINGLE = (
    "下列说法中正确的个数是多少？①方程x^2=4有两个解；②方程x=x有无数个解；③求和得零。",
    "已知三个条件：（1）a>b；（2）b>c；（3）c>0。求a的最小整数值。",
    "How many of the statements are true? (1) 2 is prime (2) 4 is prime (3) nobody can find 9",
    "Which of these is prime? (A) 21 (B) 23 (C) 25 (D) 27",
    "方程的解的情况是（ ）A. 无解 B. 有一个解 C. 有两个解 D. 求不出",
    "一、二、三班共有120人，一班40人，二班比三班多10人，三班多少人？",
    "1、2、3、4 四个数字可以组成多少个三位数？",
    "The rules are: 1. Each player draws. 2. The higher card wins. 3. A tie is nil. Who wins?",
    "谁先到？为什么？",
    "What is 6 times 7?",
    "Find f(1) + f(2) where f(x) = (1)(x) + 2.",
    "Points A (1, 2) and B (3, 4) are given. Find the distance.",
    "Why? How many primes are below 10?",
    "Let 1. be a label. 3. Then find 2.",
    "Find the sum of 1. 2. and 3. in decimal notation, and write it down.",
    "A pen costs 1. 5 pens cost 2. 3 more cost nothing. How many pens are 4?",
    "How many ways are there? Express your answer as a fraction m/n and find m + n.",
    "某数除以 3 余 (1)，除以 5 余 (2)，这个数最小是多少？",
)


@pytest.mark.parametrize("text", COMPOUND)
def test_several_questions_are_split(text: str) -> None:
    found = split(text)
    assert found is not None
    assert (found.stem, len(found.parts), found.source) == COMPOUND[text]


@pytest.mark.parametrize("text", SINGLE)
def test_one_question_is_left_whole(text: str) -> None:
    assert split(text) is None


def test_later_parts_see_earlier_results() -> None:
    found = split("Let a = 3.\n1. Compute a^2.\n2. Compute a^3.")
    assert found is not None
    assert question(found, 0, []) == "Let a = 3.\n\nCompute a^2."
    asked = question(found, 1, ["9"])
    assert asked == "Let a = 3.\n\nAlready found:\nCompute a^2. 9\n\nCompute a^3."


def collect(engine: ScriptedEngine, problem: str | Problem, **asked: Any) -> list[Any]:
    async def run() -> list[Any]:
        return [event async for event in solve_events(problem, engine, **asked)]

    return asyncio.run(run())


def test_parts_are_solved_in_order() -> None:
    engine = ScriptedEngine(["So \\boxed{9}.", "3*3*3 = 27, \\boxed{27}."])
    events = collect(engine, "Let a = 3.\n1. Compute a^2.\n2. Compute a^3.")
    assert [e.index for e in events if isinstance(e, Part)] == [0, 1]
    assert sum(isinstance(e, Plan) for e in events) == 1
    assert sum(isinstance(e, Solution) for e in events) == 1
    whole = events[-1]
    assert whole.answer == "(1) 9; (2) 27"
    assert [part.answer for part in whole.parts] == ["9", "27"]
    assert whole.verdict.state == "unverified", "the weakest part decides"
    assert whole.verdict.reason.startswith("part 1:")
    assert [whole.derivation[step.start : step.end] for step in whole.steps] == [
        step.text for step in whole.steps
    ]
    assert "holds" in [step.state for step in whole.steps]
    last = engine.requests[1].prompt[-1]
    assert isinstance(last, Message)
    assert "Already found:\nCompute a^2. 9" in last.content


def test_parts_share_the_budget() -> None:
    engine = ScriptedEngine(lambda _: "and so on " * 400)
    three = "1. Find 2+2.\n2. Find 3+3.\n3. Find 4+4."
    events = collect(engine, three, how=Options(budget_tokens=300, stop_loops=False))
    whole = events[-1]
    assert whole.tokens == sum(part.tokens for part in whole.parts)
    demanded = 3 * continuation.ANSWER_TOKENS
    assert 300 <= whole.tokens <= 300 + demanded
    assert sum(isinstance(e, Notice) and e.kind == "budget" for e in events) == 3


def test_stopped_before_the_first_part() -> None:
    control = Control()
    control.cancel()
    events = collect(ScriptedEngine(["4"]), "1. Find 2+2.\n2. Find 3+3.", control=control)
    assert (events[-1].answer, events[-1].verdict.state) == (None, "unverified")
    assert events[-1].parts == ()


def test_with_a_gold_answer_it_is_one_question() -> None:
    engine = ScriptedEngine(["\\boxed{4}"])
    events = collect(engine, Problem("1. What is 2+2?\n2. What is 3+3?", "4"))
    assert events[-1].verdict.state == "correct"
    assert len(engine.requests) == 1


def test_the_model_plans_where_it_is_asked_to() -> None:
    replies = iter(
        ["1. Find the number of rows.\n2. Multiply by the seats.", "\\boxed{3}", "\\boxed{12}"]
    )
    engine = ScriptedEngine(lambda _: next(replies))
    events = collect(engine, "How many seats has the hall?", how=Options(plan="model"))
    (told,) = (event for event in events if isinstance(event, Plan))
    assert told.source == "model"
    assert len(told.parts) == 2
    assert events[-1].answer == "12", "the last step of a plan answers the question"


def test_no_plan_is_no_harm() -> None:
    assert read_plan("I cannot say.", "p") is None
    assert read_plan("1. Only this one step.", "p") is None
    engine = ScriptedEngine(["no plan", "\\boxed{12}"])
    events = collect(engine, "How many seats has the hall?", how=Options(plan="model"))
    assert events[-1].answer == "12"
    assert not any(isinstance(event, Plan) for event in events)


@pytest.mark.parametrize(
    "piece", ["f(", "1.", "\n1. find", "a b c?", "(1)", "第一问", " ", "?", "**(", "计算："]
)
def test_no_text_takes_long(piece: str) -> None:
    """Linear in the text: a quadratic reader would need minutes for these."""
    split(piece * 50_000)
