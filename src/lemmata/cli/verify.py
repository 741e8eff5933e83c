"""`lemmata verify`: check an answer, a derivation or a program."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

JSON = typer.Option("--json", help="One JSON document.")
LETTERS = "AC accepted, WA wrong, TLE time, MLE memory, OLE output, RE ended badly, CE no compile."

EXAMPLES = """
**Examples**

    lemmata verify math "1/2" "0.5"
    lemmata verify steps derivation.txt
    lemmata verify code solution.py --tests tests.jsonl
"""
MATH_EXAMPLES = r"""
**Examples**

    lemmata verify math "\frac{1}{2}" 0.5
    lemmata verify math "So the answer is \boxed{66}." 66 --json
"""
STEPS_EXAMPLES = """
**Examples**

    lemmata verify steps derivation.txt
    lemmata solve "..." | lemmata verify steps -
"""
CODE_EXAMPLES = """
**Examples**

    lemmata verify code solution.py --tests tests.jsonl
    lemmata verify code solution.cpp --tests tests.jsonl --time 1 --memory 64 --json

A test is one line: {"stdin": "2 3", "expected": "5"} or {"function": "add", "args": [2, 3],
"expected": 5} or {"function": "add", "code": "assert add(2, 3) == 5"}.
"""


def register(app: typer.Typer) -> None:
    verify = typer.Typer(
        no_args_is_help=True, help="Check an answer, a derivation or a program.", epilog=EXAMPLES
    )
    app.add_typer(verify, name="verify")
    _math(verify)
    _steps(verify)
    _code(verify)


def _math(verify: typer.Typer) -> None:
    # A negative number is an answer, not an option.
    @verify.command(epilog=MATH_EXAMPLES, context_settings={"ignore_unknown_options": True})
    def math(
        answer: Annotated[str, typer.Argument(help="Bare, or at the end of a derivation.")],
        gold: Annotated[str, typer.Argument(help="The right answer.")],
        as_json: Annotated[bool, JSON] = False,
    ) -> None:
        """Whether two answers are equal in value. Exit code 0 only when they are."""
        from lemmata.types import as_json as plain
        from lemmata.verify import verify_math

        verdict = verify_math(answer, gold)
        print(json.dumps(plain(verdict)) if as_json else f"{verdict.state}: {verdict.reason}")
        if verdict.state != "correct":
            raise typer.Exit(1)


def _steps(verify: typer.Typer) -> None:
    @verify.command(epilog=STEPS_EXAMPLES)
    def steps(
        file: Annotated[str, typer.Argument(help="A derivation; `-` reads it from stdin.")],
        problem: Annotated[
            str, typer.Option(help="The problem, whose numbers then count as known.")
        ] = "",
        as_json: Annotated[bool, JSON] = False,
    ) -> None:
        """Check every step that a machine can check. Exit code 1 when one fails."""
        from lemmata.cli.given import text_of
        from lemmata.types import as_json as plain
        from lemmata.verify import verify_steps

        report = verify_steps(text_of(file), problem)
        if as_json:
            print(json.dumps(plain(report), ensure_ascii=False, indent=2))
        else:
            for step in report.steps:
                reason = f"  <- {step.reason}" if step.reason else ""
                print(f"{step.state:<9}  {' '.join(step.text.split())}{reason}")
            print(f"{report.coverage:.0%} of {len(report.steps)} steps checked", file=sys.stderr)
        if report.first_wrong is not None:
            raise typer.Exit(1)


def _code(verify: typer.Typer) -> None:
    @verify.command(epilog=CODE_EXAMPLES, help=f"Run a program on tests in a sandbox. {LETTERS}")
    def code(
        program: Annotated[str, typer.Argument(help="A .py or .cpp file; `-`: Python on stdin.")],
        tests: Annotated[Path, typer.Option(help="Tests, as JSON or JSON Lines.")],
        time: Annotated[float, typer.Option(help="CPU seconds a test may use.")] = 2.0,
        memory: Annotated[int, typer.Option(help="MiB a test may use.")] = 256,
        as_json: Annotated[bool, JSON] = False,
    ) -> None:
        from lemmata.cli.given import text_of
        from lemmata.types import as_json as plain
        from lemmata.verify import Limits, judge, read_tests

        language = "cpp" if program.endswith((".cpp", ".cc", ".cxx")) else "python"
        limits = Limits(time_s=time, memory_mib=memory)
        judgement = judge(text_of(program), read_tests(tests), limits, language)
        if as_json:
            print(json.dumps(plain(judgement), ensure_ascii=False, indent=2))
        else:
            _print(judgement)
        if judgement.verdict != "AC":
            raise typer.Exit(1)


def _print(judgement: Any) -> None:
    for number, test in enumerate(judgement.tests, 1):
        cost = f"{test.cpu_s * 1000:.0f} ms, {test.peak_mib:.0f} MiB"
        print(f"{number:>4}  {test.verdict:<3}  {cost:<18}  {test.reason}".rstrip())
    passed = f"{judgement.passed} of {len(judgement.tests)} tests"
    print(f"{judgement.verdict}: {passed}, isolation {judgement.isolation}")
