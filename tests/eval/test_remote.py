"""A remote server: hundreds of requests in flight, a connection that breaks, a server that goes."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import certifi
import pytest

from contract.vllm_standin import Standin, serving
from eval.conftest import measured, run_of
from lemmata.engines.base import Delta, Request
from lemmata.engines.openai import OpenAIEngine
from lemmata.errors import EngineDied, Unsupported
from lemmata.eval import folder, generate
from lemmata.eval.identity import ModelIdentity
from lemmata.eval.run import again
from lemmata.settings import Settings
from scripted import ScriptedEngine

REMOTE = ModelIdentity("openai", "http://somewhere")


@pytest.fixture(autouse=True)
def few_authorities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine makes a client for each request, and reading all certificate authorities for each
    takes longer than the request: one is enough where nothing is encrypted."""
    first = Path(certifi.where()).read_text("utf-8").partition("-----END CERTIFICATE-----")
    path = tmp_path / "authority.pem"
    path.write_text("".join(first[:2]) + "\n")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))


@pytest.fixture
def many(tmp_path: Path) -> Path:
    path = tmp_path / "many.jsonl"
    lines = [json.dumps({"problem": f"What is {i} + 0?", "answer": str(i)}) for i in range(240)]
    path.write_text("\n".join(lines))
    return path


class Gathering(ScriptedEngine):
    """Answers nobody before 150 requests wait at once."""

    def __init__(self) -> None:
        super().__init__(answer)
        self.waiting = self.most = 0
        self.gathered = asyncio.Event()

    async def generate(self, requests: Sequence[Request]) -> AsyncGenerator[Delta, None]:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        if self.most >= 150:
            self.gathered.set()
        await self.gathered.wait()
        async for delta in super().generate(requests):
            yield delta
        self.waiting -= 1


def answer(request: Request) -> str:
    """The number that is asked for; the engine may send messages or their tokens."""
    prompt = request.prompt
    text = "".join(
        chr(p) if isinstance(p, int) else p if isinstance(p, str) else p.content for p in prompt
    )
    return f"\\boxed{{{re.findall(r'What is (.+?) [+] 0', text)[-1]}}}"


def test_hundreds_in_flight(many: Path, settings: Settings, tmp_path: Path) -> None:
    behind = Gathering()
    with serving(behind) as url:
        engine = OpenAIEngine.connect(url)
        run = run_of(str(many), settings, REMOTE)
        report = measured(run, engine, tmp_path / "run", at_once=200)
    assert report.complete
    assert report.cells[0].accuracy.value == 1.0
    assert report.cells[0].tokens > 0
    assert 150 <= behind.most <= 200


def test_a_server_that_does_not_look_for_loops(
    many: Path, settings: Settings, tmp_path: Path
) -> None:
    """Any OpenAI-compatible server will do: what goes in circles is ended here."""
    behind = ScriptedEngine(["round and round " * 100, "It is \\boxed{1}."])
    standin = Standin(behind)
    standin.version = None
    with serving(behind, standin) as url:
        run = run_of(str(many), settings, REMOTE, limit=2)
        report = measured(run, OpenAIEngine.connect(url), tmp_path / "run", at_once=1)
        asked = run_of(str(many), settings, REMOTE, limit=2, thinking_budget=8)
        with pytest.raises(Unsupported, match="thinking_budget"):
            measured(asked, OpenAIEngine.connect(url), tmp_path / "other")
    assert report.complete
    assert report.cells[0].looped.value == 0.5
    assert report.cells[0].accuracy.value == 0.5
    assert report.cells[0].tokens < 1000


def test_a_connection_that_breaks_is_tried_again(
    many: Path, settings: Settings, tmp_path: Path
) -> None:
    behind = ScriptedEngine(answer)
    standin = Standin(behind)
    standin.broken_after = 3

    def mended(request: Request) -> str:
        if len(behind.requests) >= 5:
            standin.broken_after = None
        return answer(request)

    behind._script = mended
    with serving(behind, standin) as url:
        run = run_of(str(many), settings, REMOTE, limit=20)
        patience = generate.Patience(tries=30, first_s=1e-6)
        engine = OpenAIEngine.connect(url)
        report = measured(run, engine, tmp_path / "run", patience=patience)
    assert report.cells[0].accuracy.value == 1.0


def test_a_server_that_goes_and_comes_back(many: Path, settings: Settings, tmp_path: Path) -> None:
    place, run = tmp_path / "run", run_of(str(many), settings, REMOTE, limit=30)
    behind = ScriptedEngine(answer)
    behind.dies_after = 150
    with serving(behind) as url, pytest.raises(EngineDied):
        measured(run, OpenAIEngine.connect(url), place)
    kept = len(folder.read_predictions(place))
    assert 0 < kept < 30
    assert not again(place).complete
    behind = ScriptedEngine(answer)
    with serving(behind) as url:
        report = measured(run, OpenAIEngine.connect(url), place)
    assert report.complete
    assert len(behind.requests) == 30 - kept
