"""`lemmata solve`: a derivation, its answer, and how far it may be believed."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from lemmata.engines.base import Sampling
    from lemmata.solve import Asked
    from lemmata.types import Solution

EXAMPLES = """
**Examples**

    lemmata solve "What is 6 times 7?"
    lemmata solve --adapter counting "Find the number of integer solutions to x+y+z=10, x,y,z>=0."
    lemmata solve --votes 16 --budget-seconds 60 --json "..." | jq .verdict
    lemmata solve --task code - < statement.txt
    lemmata solve --gold 66 - < problem.txt
    lemmata solve --resume 3f9a0c11d2e4
    lemmata solve --url http://127.0.0.1:8080/v1 "..."

Ctrl-\\ answers now, from what there is; Ctrl-C stops, and tells how to go on.
"""


def register(app: typer.Typer) -> None:
    @app.command(epilog=EXAMPLES)
    def solve(
        problem: Annotated[
            str | None, typer.Argument(help="The problem; `-` reads it from stdin.")
        ] = None,
        adapter: Annotated[
            str | None, typer.Option(help="A registered adapter, an example, or a folder.")
        ] = None,
        role: Annotated[
            str | None,
            typer.Option(help="A role's name; `none`: bare. Else the adapter's own or the task's."),
        ] = None,
        task: Annotated[
            Literal["math", "counting", "code"] | None,
            typer.Option(help="Else code where a program is asked for, and math."),
        ] = None,
        votes: Annotated[
            int, typer.Option(min=1, max=64, help="Derivations to compare at most.")
        ] = 1,
        strategy: Annotated[
            Literal["vote", "claims", "repair"],
            typer.Option(
                help="Votes by checked steps, by judged claims, or with wrong steps mended."
            ),
        ] = "vote",
        confidence: Annotated[
            float, typer.Option(min=0.5, max=1, help="At which a vote stops; 1: never early.")
        ] = 0.95,
        step_weights: Annotated[bool, typer.Option(help="Weigh votes by checked steps.")] = True,
        budget_tokens: Annotated[
            int | None, typer.Option(min=1, help="Of all derivations together.")
        ] = None,
        budget_seconds: Annotated[
            float | None, typer.Option(min=0, help="After which the answer is given.")
        ] = None,
        thinking_budget: Annotated[
            int | None, typer.Option(min=0, help="Tokens of thinking before it is closed.")
        ] = None,
        plan: Annotated[
            Literal["auto", "model", "off"],
            typer.Option(help="Split what is numbered; let the model plan; do not split."),
        ] = "auto",
        policy: Annotated[
            str | None, typer.Option(help="Language policy: english-frame, user-frame, …")
        ] = None,
        anyway: Annotated[bool, typer.Option(help="Answer also what is no problem.")] = False,
        gold: Annotated[str | None, typer.Option(help="The right answer, if known.")] = None,
        temperature: Annotated[
            float | None, typer.Option(min=0, max=2, help="0: greedy, as one derivation is.")
        ] = None,
        seed: Annotated[
            int | None,
            typer.Option(min=0, max=2**31 - 1, help="For the same derivations another time."),
        ] = None,
        max_tokens: Annotated[int | None, typer.Option(min=1, help="At most, each.")] = None,
        model: Annotated[
            str | None,
            typer.Option(help="Catalog name or path; else LEMMATA_MODEL. With --url: its model."),
        ] = None,
        url: Annotated[
            str | None,
            typer.Option(help="Ask an OpenAI-compatible server; its key: LEMMATA_ENGINE_KEY."),
        ] = None,
        resume: Annotated[
            str | None, typer.Option(metavar="ID", help="Go on with a solve that was stopped.")
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    ) -> None:
        """Solve a problem and check the answer. Exit code 1 when --gold is given and not met."""
        from lemmata import settings as reading
        from lemmata.cli.given import text_of
        from lemmata.cli.solving import folder, go, streams
        from lemmata.cli.wanted import model_of
        from lemmata.errors import BadInput
        from lemmata.solve import Asked, Journal, Options, task_of
        from lemmata.types import Problem

        settings = reading.load()
        if (problem is None) == (resume is None):
            raise BadInput(
                "give a problem, or the id of one to resume" if problem is None
                else "a problem and --resume are given", "See lemmata solve --help.",
            )  # fmt: skip
        if resume is not None:
            journal = Journal.open(folder(settings), resume)
            asked = journal.asked
        else:
            text = text_of("-") if problem == "-" else str(problem)
            how = Options(
                strategy, confidence if confidence < 1 else None, step_weights, budget_tokens,
                budget_seconds, thinking_budget, policy=policy, plan=plan, anyway=anyway,
            )  # fmt: skip
            asked = Asked(
                Problem(text, gold, task or task_of(text)), adapter, role, votes,
                _sampling(votes, temperature, seed, max_tokens), how,
                model_of(url, model, settings),
            )  # fmt: skip
            _refuse_early(asked)
            journal = Journal.create(folder(settings), asked)
        live = streams(journal) and not as_json
        solution = go(journal, settings, quiet=as_json, live=live)
        _print(solution, as_json, streamed=live)
        if asked.problem.gold is not None and solution.verdict.state != "correct":
            raise typer.Exit(1)


def _refuse_early(asked: Asked) -> None:
    """What is wrong with the words, before a model is loaded. Raises BadInput."""
    from lemmata.errors import BadInput
    from lemmata.prompts import policy, roles

    if _hides_bytes(asked.problem.text):
        raise BadInput("the problem is not UTF-8 text", "Write it as text.")
    roles.apply(asked.problem.text, asked.role, asked.problem.task)
    if asked.how.policy is not None:
        policy.load(asked.how.policy)


def _hides_bytes(text: str) -> bool:
    """Whether Python keeps bytes in it that are no text, as it does in arguments."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def _sampling(
    votes: int, temperature: float | None, seed: int | None, max_tokens: int | None
) -> Sampling:
    from dataclasses import replace

    from lemmata.engines.base import GREEDY, Sampling

    sampling = replace(
        GREEDY if votes == 1 and not temperature else Sampling(seed=seed), max_tokens=max_tokens
    )
    return sampling if temperature is None else replace(sampling, temperature=temperature)


def _print(solution: Solution, as_json: bool, streamed: bool) -> None:
    from lemmata.types import as_json as plain

    if as_json:
        print(json.dumps(plain(solution), ensure_ascii=False, indent=2))
        return
    if not streamed:
        print(solution.derivation)
    verdict = solution.verdict
    for line in solution.evidence:
        print(line, file=sys.stderr)
    print(f"\n\nAnswer: {solution.answer or 'none'}")
    print(f"Verdict: {verdict.state} ({verdict.reason})")
    spent = f"{solution.tokens} tokens, {solution.seconds:.1f} s"
    print(f"{spent}, role {solution.role}, {solution.language}", file=sys.stderr)
