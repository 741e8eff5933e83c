"""Pages elsewhere are let in by name only; the log tells fields, and no prompt."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from lemmata.server.app import create_app
from lemmata.server.log import JsonLines
from lemmata.server.service import Service
from lemmata.settings import Settings
from scripted import ScriptedEngine


async def asked(home: Path, origin: str, method: str) -> httpx.Response:
    settings = Settings(home, "m", "127.0.0.1", 0, 1, None, True, "")
    app = create_app(Service(settings), ("*",), ("https://notes.example",))
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        return await http.request(method, "/healthz", headers=headers)


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_only_named_pages_may_ask(tmp_path: Path, method: str) -> None:
    let_in = asyncio.run(asked(tmp_path, "https://notes.example", method))
    assert let_in.headers["access-control-allow-origin"] == "https://notes.example"
    refused = asyncio.run(asked(tmp_path, "https://evil.example", method))
    assert "access-control-allow-origin" not in refused.headers


def test_the_log_has_fields_and_neither_prompt_nor_answer(
    serving: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "lemmata.server")
    body = {"model": "scripted", "prompt": "my secret question"}
    serving(ScriptedEngine(["my secret answer"])).http.post("/v1/completions", json=body)
    lines = [JsonLines().format(record) for record in caplog.records]
    told = [json.loads(line) for line in lines]
    done = next(line for line in told if "completion_tokens" in line)
    assert (done["model"], done["completion_tokens"], done["outcome"]) == ("scripted", 16, "done")
    assert not any("secret" in line for line in lines)
