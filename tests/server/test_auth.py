from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from lemmata.server import auth
from lemmata.server.auth import Gate
from lemmata.server.state.database import open_database
from lemmata.server.state.keys import Keys, Scope
from scripted import ScriptedEngine
from served import running

ASK: list[Any] = [{"role": "user", "content": "1+1?"}]
OPEN = {"/", "/healthz", "/readyz", "/openapi.json"}


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(open_database(f"sqlite:///{tmp_path}/lemmata.db"))


@pytest.fixture
def server(keys: Keys, tmp_path: Path) -> Iterator[Any]:
    with running(ScriptedEngine(["x"]), tmp_path, Gate(keys)) as server:
        yield server


def as_key(server: Any, text: str) -> httpx.Client:
    return httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {text}"})


def test_every_route_but_the_open_ones_wants_a_key(server: Any) -> None:
    paths = server.http.get("/openapi.json").json()["paths"]
    for path, operations in paths.items():
        for method in operations:
            status = server.http.request(method, path, json={}).status_code
            assert status == (200 if path in OPEN else 401), (method, path)


def test_the_official_client_with_a_key(server: Any, keys: Keys) -> None:
    client = server.client.with_options(api_key=keys.add("laptop"))
    answer = client.chat.completions.create(model="scripted", messages=ASK)
    assert answer.choices[0].message.content == "x"
    with pytest.raises(openai.AuthenticationError) as refused:
        server.client.chat.completions.create(model="scripted", messages=ASK)
    assert refused.value.type == "authentication_error"


@pytest.mark.parametrize(
    ("scope", "statuses"), [("infer", (200, 403, 403)), ("tune", (200, 404, 403)),
                            ("admin", (200, 404, 200))]
)  # fmt: skip
def test_a_scope_reaches_so_far(
    server: Any, keys: Keys, scope: Scope, statuses: tuple[int, ...]
) -> None:
    with as_key(server, keys.add("k", scope)) as http:
        seen = (
            http.get("/v1/models").status_code,
            http.delete("/api/adapters/none").status_code,
            http.get("/metrics").status_code,
        )
    assert seen == statuses


def test_a_key_taken_back_stops_working(
    server: Any, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "REMEMBERED_SECONDS", 0.0)
    with as_key(server, keys.add("k")) as http:
        assert http.get("/v1/models").status_code == 200
        keys.remove("k")
        assert http.get("/v1/models").status_code == 401


def test_without_a_gate_nobody_is_asked(serving: Callable[..., Any]) -> None:
    assert serving(ScriptedEngine(["x"])).http.get("/metrics").status_code == 200
