"""What a key may use: told by 429 with the time to come back."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from lemmata.errors import NotReady
from lemmata.server.auth import Gate
from lemmata.server.budgets import Budgets
from lemmata.server.state.database import open_database
from lemmata.server.state.keys import Allowance, Keys
from scripted import ScriptedEngine
from served import running

PROMPT = {"model": "scripted", "prompt": "a"}


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(open_database(f"sqlite:///{tmp_path}/lemmata.db"))


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine(["x" * 40])


@pytest.fixture
def server(keys: Keys, engine: ScriptedEngine, tmp_path: Path) -> Iterator[Any]:
    with running(engine, tmp_path, Gate(keys)) as server:
        yield server


def client(server: Any, keys: Keys, name: str, *limits: int | None) -> httpx.Client:
    key = keys.add(name, "infer", Allowance(*limits))
    return httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {key}"}, timeout=30)


def test_requests_a_minute(server: Any, keys: Keys) -> None:
    with client(server, keys, "slow", 3) as slow, client(server, keys, "free") as free:
        seen = [slow.get("/v1/models").status_code for _ in range(4)]
        assert seen == [200, 200, 200, 429]
        refused = slow.get("/v1/models")
        assert 1 <= int(refused.headers["retry-after"]) <= 20
        assert refused.json()["error"]["type"] == "rate_limit_error"
        assert free.get("/v1/models").status_code == 200


def test_sequences_at_once(server: Any, keys: Keys, engine: ScriptedEngine) -> None:
    engine._delay = 0.05
    with client(server, keys, "narrow", None, 2) as narrow:
        assert narrow.post("/v1/completions", json=PROMPT | {"n": 3}).status_code == 429
        held = threading.Thread(target=narrow.post, args=("/v1/completions",),
                                kwargs={"json": PROMPT | {"n": 2, "max_tokens": 40}})  # fmt: skip
        held.start()
        while engine.active < 2:
            time.sleep(0.005)
        assert narrow.post("/v1/completions", json=PROMPT).status_code == 429
        held.join()
        assert narrow.post("/v1/completions", json=PROMPT).status_code == 200


def test_tokens_a_day(server: Any, keys: Keys) -> None:
    with client(server, keys, "thrifty", None, None, 30) as thrifty:
        assert thrifty.post("/v1/completions", json=PROMPT).status_code == 200
        found = next(key for key in keys.list() if key.name == "thrifty")
        deadline = time.monotonic() + 30
        while not keys.used(found.id) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert keys.used(found.id) == 17  # one read, sixteen written
        keys.use(found.id, 20)
        refused = thrifty.post("/v1/completions", json=PROMPT)
        assert refused.status_code == 429
        assert "30 tokens of today" in refused.json()["error"]["message"]
        assert 1 <= int(refused.headers["retry-after"]) <= 86_400


def test_what_cannot_be_written_down_is_written_later(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.add("late")
    key, budgets = keys.list()[0], Budgets(keys)

    def away(*_: object) -> None:
        raise NotReady("the database does not answer")

    async def spend(tokens: int) -> None:
        budgets.spend(key.id, tokens)
        await budgets.close()

    with monkeypatch.context() as gone:
        gone.setattr(Keys, "use", away)
        asyncio.run(spend(5))
    assert keys.used(key.id) == 0
    asyncio.run(spend(2))
    assert keys.used(key.id) == 7
