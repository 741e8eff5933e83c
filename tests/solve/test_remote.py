"""Through a server that knows nothing of token ids, thinking budgets or loops."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lemmata.engines.base import Request
from lemmata.engines.openai import OpenAIEngine
from lemmata.solve import Options, solve_async
from lemmata.types import Message, Solution
from scripted import ScriptedEngine
from served import running


@contextmanager
def server(script: Any, home: Path) -> Iterator[OpenAIEngine]:
    with running(ScriptedEngine(script), home) as served:
        engine = OpenAIEngine.connect(served.url)
        yield engine
        asyncio.run(engine.close())


def test_votes(tmp_path: Path) -> None:
    with server(["It is \\boxed{7}."], tmp_path) as engine:
        solution: Solution = asyncio.run(solve_async("How many?", engine, votes=8))
    assert (solution.answer, solution.verdict.state) == ("7", "agreed")


def test_thinking_is_closed_in_a_further_turn(tmp_path: Path) -> None:
    def script(request: Request) -> str:
        last = request.prompt[-1]
        assert isinstance(last, Message)
        again = "Go on exactly where you stopped" in last.content
        return "So \\boxed{5}." if again else "<think>" + " ".join(map(str, range(400)))

    with server(script, tmp_path) as engine:
        how = Options(thinking_budget=40)
        solution: Solution = asyncio.run(solve_async("How many?", engine, how=how))
    assert solution.answer == "5"
    assert solution.tokens < 400


def test_a_loop_is_left(tmp_path: Path) -> None:
    with server(["and again " * 300], tmp_path) as engine:
        solution: Solution = asyncio.run(solve_async("How many?", engine))
    assert solution.answer is None
    assert len(solution.derivation) < 1000
