"""What a client is told of its own mistakes: which field, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from lemmata.server.app import create_app
from lemmata.server.service import Service
from lemmata.settings import Settings
from scripted import ScriptedEngine

JSON = {"content-type": "application/json"}
IMAGE = {"type": "image_url", "image_url": {"url": "data:,"}}
SAID = {"type": "text", "text": "x"}


def user(content: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}]}


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "an image": (user([SAID, IMAGE]), "messages.0.content.1.type", "text"),
    "a part's own field": (
        user([{**SAID, "cache_control": {}}]), "messages.0.content.0.cache_control", "unknown",
    ),
    "a number to stop at": ({"stop": ["a", 1]}, "stop.1", "string"),
    "a schema without a name": (
        {"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}},
        "response_format.json_schema.name", "required",
    ),
    "a message without a role": ({"messages": [{"content": "x"}]}, "messages.0.role", "required"),
    "two mistakes": ({"n": 0, "temperature": 9}, "n", "greater"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_named_by_its_place(serving: Callable[..., Any], name: str) -> None:
    more, param, word = WRONG[name]
    body = {"model": "scripted", **user("x"), **more}
    answer = serving(ScriptedEngine(["x"])).http.post("/v1/chat/completions", json=body)
    told = answer.json()["error"]
    assert (answer.status_code, told["param"]) == (400, param)
    assert param in told["message"]
    assert word in told["message"]


def test_a_list_of_prompts_names_the_one_that_is_none(serving: Callable[..., Any]) -> None:
    body = {"model": "scripted", "prompt": ["a", [1, 2]]}
    answer = serving(ScriptedEngine(["x"])).http.post("/v1/completions", json=body)
    assert answer.json()["error"]["param"] == "prompt.1"


@pytest.mark.parametrize(
    ("content", "headers", "told"),
    [
        (b"{}", {}, "Content-Type"),
        (b"{}", {"content-type": "text/plain"}, "Content-Type"),
        (b'{"model": ', JSON, "no JSON"),
        (b"", JSON, "missing"),
    ],
)
def test_a_body_that_is_none(
    serving: Callable[..., Any], content: bytes, headers: dict[str, str], told: str
) -> None:
    http = serving(ScriptedEngine(["x"])).http
    error = http.post("/v1/chat/completions", content=content, headers=headers).json()["error"]
    assert told in error["message"]
    assert error["param"] is None


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
    [("POST", "/chat/completions", 404, "/v1"), ("GET", "/v1/chat/completions", 405, "GET")],
)
def test_a_wrong_address(
    serving: Callable[..., Any], method: str, path: str, status: int, told: str
) -> None:
    answer = serving(ScriptedEngine(["x"])).http.request(method, path, json={})
    assert answer.status_code == status
    assert told in answer.json()["error"]["message"]


def test_a_fault_is_told_and_its_connection_goes_on(
    serving: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    server = serving(ScriptedEngine(["x"]))

    def fails() -> None:
        raise RuntimeError("what nobody foresaw")

    monkeypatch.setattr(server.service, "database", fails)
    for _ in range(20):
        answer = server.http.get("/api/conversations")
        assert (answer.status_code, answer.json()["error"]["type"]) == (500, "server_error")
        assert "foresaw" not in answer.text
        assert server.http.get("/healthz").status_code == 200
    assert [record.name for record in caplog.records] == ["lemmata.server"] * 20


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200), ("LOCALHOST:8080", 200), ("[::1]:8080", 200), ("a.example", 200),
        ("b.c.example", 400), ("example", 400), ("evil.test", 400), ("localhost:80@evil.test", 400),
        ("[::1]evil.test", 400), ("", 400),
    ],
)  # fmt: skip
def test_only_known_hosts_are_answered(tmp_path: Path, host: str, status: int) -> None:
    settings = Settings(tmp_path, "scripted", "127.0.0.1", 0, 1, None, True, "www.modelscope.cn")
    app = create_app(Service(settings), ("localhost", "[::1]", "*.example"))
    answer = TestClient(app).get("/healthz", headers={"Host": host})
    assert answer.status_code == status
    if status == 400:
        assert "--allow-host" in json.loads(answer.text)["error"]["message"]
