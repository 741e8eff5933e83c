"""`lemmata verify`: check an answer, a derivation or a program."""

from __future__ import annotations

import json
from typing import Annotated

import typer

EXAMPLES = r"""
**Examples**

    lemmata verify math "\frac{1}{2}" 0.5
    lemmata verify math "So the answer is \boxed{66}." 66 --json
"""


def register(app: typer.Typer) -> None:
    verify = typer.Typer(
        no_args_is_help=True, help="Check an answer, a derivation or a program.", epilog=EXAMPLES
    )
    app.add_typer(verify, name="verify")
    _math(verify)


def _math(verify: typer.Typer) -> None:
    # A negative number is an answer, not an option.
    @verify.command(epilog=EXAMPLES, context_settings={"ignore_unknown_options": True})
    def math(
        answer: Annotated[str, typer.Argument(help="Bare, or at the end of a derivation.")],
        gold: Annotated[str, typer.Argument(help="The right answer.")],
        as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    ) -> None:
        """Whether two answers are equal in value. Exit code 0 only when they are."""
        from lemmata.types import as_json as plain
        from lemmata.verify import verify_math

        verdict = verify_math(answer, gold)
        print(json.dumps(plain(verdict)) if as_json else f"{verdict.state}: {verdict.reason}")
        if verdict.state != "correct":
            raise typer.Exit(1)
