"""`lemmata complete`: a TODO in a file becomes code that was run."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from lemmata.apps.complete.complete import Completion
    from lemmata.apps.complete.proposal import Proposal
    from lemmata.apps.complete.target import Place, Target
    from lemmata.settings import Settings
    from lemmata.solve import Asked, Journal

EXAMPLES = """
**Examples**

    lemmata complete sorting.py
    lemmata complete sorting.py:12 --candidates 8 --budget-seconds 60
    lemmata complete shapes.py --function Square.area --write
    lemmata complete sorting.py | patch -p1
    lemmata complete sorting.py --json | jq '.proposals[0].verdict'

Ctrl-\\ answers now, from what there is; Ctrl-C stops, and tells how to go on. Examples are read
from the docstring, the comment and assertions; Python is run, C++ where its TODO shows input and
output, other languages are not run. Exit code 1 where no proposal passes its examples.
"""


def register(app: typer.Typer) -> None:
    @app.command(epilog=EXAMPLES)
    def complete(
        file: Annotated[
            str, typer.Argument(metavar="FILE[:LINE[-LINE]]", help="Else its first TODO.")
        ],
        function: Annotated[
            str, typer.Option(help="The function to write: `f` or `Class.method`. Python only.")
        ] = "",
        candidates: Annotated[
            int, typer.Option(min=1, max=64, help="Programs to compare at most.")
        ] = 4,
        write: Annotated[
            bool, typer.Option("--write", help="Put the best one into the file if it passes.")
        ] = False,
        adapter: Annotated[
            str | None, typer.Option(help="A registered adapter, an example, or a folder.")
        ] = None,
        budget_tokens: Annotated[
            int | None, typer.Option(min=1, help="Of all candidates together.")
        ] = None,
        budget_seconds: Annotated[
            float | None, typer.Option(min=0, help="After which it answers from what it has.")
        ] = None,
        thinking_budget: Annotated[
            int | None, typer.Option(min=0, help="Tokens of thinking before it is closed.")
        ] = None,
        temperature: Annotated[
            float | None, typer.Option(min=0, max=2, help="0: greedy, as one candidate is.")
        ] = None,
        seed: Annotated[
            int | None, typer.Option(min=0, max=2**31 - 1, help="For the same answer again.")
        ] = None,
        max_tokens: Annotated[int | None, typer.Option(min=1, help="At most, each.")] = None,
        language: Annotated[str, typer.Option(help="Else by the file's suffix.")] = "",
        model: Annotated[
            str | None, typer.Option(help="Catalog name or path; else LEMMATA_MODEL.")
        ] = None,
        url: Annotated[
            str | None, typer.Option(help="Ask an OpenAI-compatible server instead.")
        ] = None,
        resume: Annotated[
            str | None, typer.Option(metavar="ID", help="Go on with one that was stopped.")
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    ) -> None:
        """Write the code that a TODO asks for: candidates are run, and a diff is printed."""
        from lemmata import settings as reading
        from lemmata.apps.complete import near
        from lemmata.apps.complete.complete import asked, resumed
        from lemmata.apps.complete.target import find
        from lemmata.cli.solving import folder
        from lemmata.cli.wanted import model_of
        from lemmata.errors import BadInput
        from lemmata.solve import Journal, Options

        settings = reading.load()
        path, place = _place(file, function)
        text = near.read(path)
        target = find(str(path), text, place, language, near.beside(path, text))
        if resume is None:
            if candidates > 1 and temperature == 0:
                raise BadInput("greedy candidates would all be the same", "Raise --temperature.")
            how = Options(
                budget_tokens=budget_tokens, budget_s=budget_seconds,
                thinking_budget=thinking_budget,
            )  # fmt: skip
            sampling = _sampling(candidates, temperature, seed, max_tokens)
            source = model_of(url, model, settings)
            what = asked(target, candidates, how, adapter, sampling, source)
            journal = Journal.create(folder(settings), what)
        else:
            journal = resumed(Journal.open(folder(settings), resume), target)
        completion = _go(target, journal.asked, journal, settings, file, quiet=as_json)
        _print(completion, as_json)
        if not completion.proposals or completion.proposals[0].verdict.state == "refuted":
            raise typer.Exit(1)
        if write:
            near.write(path, text, completion.proposals[0].text)


def _place(file: str, function: str) -> tuple[Path, Place]:
    """`FILE`, `FILE:LINE` or `FILE:LINE-LINE`, lines counted from 1."""
    import re

    from lemmata.apps.complete.target import Place

    match = re.fullmatch(r"(.+?):([1-9]\d{0,8})(?:-([1-9]\d{0,8}))?", file)
    if match is None:
        return Path(file), Place(function=function)
    first, last = int(match[2]), int(match[3] or match[2])
    return Path(match[1]), Place(first - 1, last, function)


def _sampling(
    candidates: int, temperature: float | None, seed: int | None, max_tokens: int | None
) -> Any:
    from dataclasses import replace

    from lemmata.engines.base import GREEDY, Sampling

    sampling = GREEDY if candidates == 1 and not temperature else Sampling(seed=seed)
    sampling = replace(sampling, max_tokens=max_tokens)
    return sampling if temperature is None else replace(sampling, temperature=temperature)


def _go(
    target: Target, what: Asked, journal: Journal, settings: Settings, file: str, *, quiet: bool
) -> Completion:
    import asyncio

    from lemmata.errors import LemmataError

    try:
        return asyncio.run(_run(target, what, journal, settings, quiet=quiet))
    except LemmataError:
        journal.forget_if_unbegun()
        raise
    except (KeyboardInterrupt, asyncio.CancelledError):
        journal.forget_if_unbegun()
        if journal.path.exists():
            again = f"lemmata complete {file} --resume {journal.id}"
            print(f"\nsaved; go on with: {again}", file=sys.stderr)
        raise


async def _run(
    target: Target, what: Asked, journal: Journal, settings: Settings, *, quiet: bool
) -> Completion:
    import asyncio
    import signal
    from contextlib import aclosing
    from dataclasses import replace

    from lemmata.apps.complete.complete import Completion, complete
    from lemmata.cli.solving import opened, show
    from lemmata.solve import Control

    engine, adapter, role = await opened(what.model, settings, what.adapter)
    control = Control()
    asyncio.get_running_loop().add_signal_handler(signal.SIGQUIT, control.answer_now)
    try:
        what = replace(what, adapter=adapter)
        events = complete(target, engine, what, role=role, control=control, journal=journal)
        async with aclosing(events):
            async for event in events:
                if isinstance(event, Completion):
                    return event
                show(event, quiet=quiet, votes=max(what.votes, 2))
    finally:
        await engine.close()
    raise AssertionError("complete ends with a Completion")


def _print(completion: Completion, as_json: bool) -> None:
    from lemmata.types import as_json as plain

    if as_json:
        print(json.dumps(plain(completion), ensure_ascii=False, indent=2))
        return
    for number, proposal in enumerate(completion.proposals):
        _tell(number, proposal, completion)
    for reason in completion.refused:
        print(f"left out: {reason}", file=sys.stderr)
    if completion.proposals:
        print(completion.proposals[0].diff, end="")
    else:
        print("no candidate fits into the file", file=sys.stderr)


def _tell(number: int, proposal: Proposal, completion: Completion) -> None:
    """People read it beside the diff, which is the data."""
    verdict = f"{proposal.verdict.state} ({proposal.verdict.reason})"
    print(f"\n{number + 1}. {proposal.idea or 'no idea was told'}", file=sys.stderr)
    alike = f"{proposal.alike} of {completion.candidates} candidates do this"
    print(f"   {proposal.line}; {alike}\n   {verdict}", file=sys.stderr)
