"""`lemmata solve`: a derivation, its answer, and how far it may be believed."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

if TYPE_CHECKING:
    from lemmata.engines.base import Engine, Sampling
    from lemmata.settings import Settings
    from lemmata.solve import Event, Piece
    from lemmata.types import Solution

EXAMPLES = """
**Examples**

    lemmata solve "What is 6 times 7?"
    lemmata solve --adapter counting "Find the number of integer solutions to x+y+z=10, x,y,z>=0."
    lemmata solve --votes 8 --json "..." | jq .verdict
    lemmata solve --gold 66 - < problem.txt
    lemmata solve --url http://127.0.0.1:8080/v1 "..."
"""


def register(app: typer.Typer) -> None:
    @app.command(epilog=EXAMPLES)
    def solve(
        problem: Annotated[str, typer.Argument(help="The problem; `-` reads it from stdin.")],
        adapter: Annotated[
            str | None, typer.Option(help="A registered adapter, an example, or a folder.")
        ] = None,
        role: Annotated[str | None, typer.Option(help="A role's name; `none`: bare.")] = None,
        votes: Annotated[int, typer.Option(min=1, max=64, help="Derivations to compare.")] = 1,
        gold: Annotated[str | None, typer.Option(help="The right answer, if known.")] = None,
        temperature: Annotated[
            float | None, typer.Option(min=0, max=2, help="0: greedy, as one derivation is.")
        ] = None,
        seed: Annotated[int | None, typer.Option(min=0, max=2**31 - 1)] = None,
        max_tokens: Annotated[int | None, typer.Option(min=1, help="At most, each.")] = None,
        model: Annotated[
            str | None, typer.Option(help="Catalog name or path; else LEMMATA_MODEL.")
        ] = None,
        url: Annotated[
            str | None, typer.Option(help="Ask an OpenAI-compatible server instead.")
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    ) -> None:
        """Solve a problem and check the answer. Exit code 1 when --gold is given and not met."""
        import asyncio
        from functools import partial

        from lemmata import settings as reading
        from lemmata.prompts import roles
        from lemmata.solve import solve_events
        from lemmata.types import Problem

        asked = Problem(sys.stdin.read() if problem == "-" else problem, gold)
        roles.apply(asked.text, role, asked.task)  # refuses before the model is loaded
        settings = reading.load()
        sampling = _sampling(votes, temperature, seed, max_tokens)
        ask = partial(solve_events, asked, role=role, votes=votes, sampling=sampling)
        opening = _open(url or model or settings.model, settings, adapter)
        solution = asyncio.run(_run(opening, ask, partial(_show, quiet=as_json, votes=votes)))
        _print(solution, as_json, streamed=votes == 1)
        if gold is not None and solution.verdict.state != "correct":
            raise typer.Exit(1)


def _sampling(
    votes: int, temperature: float | None, seed: int | None, max_tokens: int | None
) -> Sampling:
    from dataclasses import replace

    from lemmata.engines.base import GREEDY, Sampling

    sampling = replace(
        GREEDY if votes == 1 and not temperature else Sampling(seed=seed), max_tokens=max_tokens
    )
    return sampling if temperature is None else replace(sampling, temperature=temperature)


async def _run(
    opening: Coroutine[Any, Any, tuple[Engine, str | None]],
    ask: Callable[..., AsyncGenerator[Event, None]],
    show: Callable[[Event], None],
) -> Solution:
    from contextlib import aclosing

    from lemmata.types import Solution

    engine, adapter = await opening
    try:
        async with aclosing(ask(engine=engine, adapter=adapter)) as events:
            async for event in events:
                show(event)
                if isinstance(event, Solution):
                    return event
    finally:
        await engine.close()
    raise AssertionError("solve_events ends with a Solution")


async def _open(model: str, settings: Settings, adapter: str | None) -> tuple[Engine, str | None]:
    """The engine with the one adapter that is asked for, and that adapter's name."""
    import asyncio

    from lemmata.engines import open_engine
    from lemmata.server.specialities import find

    if adapter and model.startswith(("http://", "https://")):
        return await _remote(model, adapter, settings)
    ref = find(adapter, settings) if adapter else None
    engine = await asyncio.to_thread(open_engine, model, settings)
    if ref is not None:
        await engine.load_adapter(ref)
    return engine, ref.name if ref else None


async def _remote(url: str, adapter: str, settings: Settings) -> tuple[Engine, str]:
    """A server with an adapter: its own of that name, else a folder here that it can take in."""
    import asyncio

    from lemmata.engines.openai import OpenAIEngine
    from lemmata.server.specialities import find

    engine = await asyncio.to_thread(OpenAIEngine.connect, url)
    if adapter in engine.served:
        return engine, adapter
    ref = find(adapter, settings)
    await engine.load_adapter(ref)
    return engine, ref.name


def _show(event: Event, *, quiet: bool, votes: int) -> None:
    """Progress: the derivation as it comes where there is one, a tally where there are several."""
    from lemmata.solve import Candidate, Notice, Piece

    if isinstance(event, Notice):
        print(f"lemmata: {event.text}", file=sys.stderr)
    elif isinstance(event, Candidate) and votes > 1:
        print(f"{event.sample + 1}/{votes}: {event.answer or 'no answer'}", file=sys.stderr)
    elif isinstance(event, Piece) and votes == 1 and not quiet:
        print(event.text, end="", flush=True, file=_stream_of(event))


def _stream_of(piece: Piece) -> TextIO:
    """Thinking is progress; the derivation is the result."""
    return sys.stderr if piece.kind == "reasoning" else sys.stdout


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
