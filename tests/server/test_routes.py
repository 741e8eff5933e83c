"""Models, health, errors of the frame, the page's headers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest

from lemmata.errors import NotReady
from lemmata.types import AdapterRef
from scripted import ScriptedEngine

REF = AdapterRef("count/ing", Path("counting"), "ab" * 32, "scripted", 8, 16.0)


def engine_with_adapter() -> ScriptedEngine:
    engine = ScriptedEngine(["x"])
    engine._adapters[REF.name] = REF
    return engine


def test_models_list_the_base_and_its_adapters(serving: Callable[..., Any]) -> None:
    client = serving(engine_with_adapter()).client
    listed = client.models.list().data
    assert [(m.id, m.model_extra["parent"]) for m in listed] == [
        ("scripted", None),
        ("count/ing", "scripted"),
    ]
    assert client.models.retrieve("count/ing").model_extra["root"] == "ab" * 32
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("other")


def test_adapters_are_listed(serving: Callable[..., Any]) -> None:
    listed = serving(engine_with_adapter()).http.get("/api/adapters").json()["adapters"]
    assert listed == [
        {"name": "count/ing", "sha256": "ab" * 32, "base": "scripted", "rank": 8, "alpha": 16.0}
    ]


def test_an_adapter_of_another_server_may_have_a_slash(serving: Callable[..., Any]) -> None:
    server = serving(engine_with_adapter())
    assert server.http.get("/api/adapters/count%2Fing").json()["name"] == "count/ing"
    told = server.http.put("/api/adapters/count%2Fing/strength", json={"strength": 0.5})
    assert told.status_code == 204
    assert server.http.get("/api/adapters/count%2Fing").json()["strength"] == 0.5


def test_ready_only_with_a_running_engine(serving: Callable[..., Any]) -> None:
    engine = ScriptedEngine(["x"])
    server = serving(engine)
    assert server.http.get("/readyz").json()["model"] == "scripted"
    engine.closed = True
    assert server.http.get("/readyz").status_code == 503
    assert server.http.get("/healthz").json() == {"status": "ok"}


def test_an_engine_that_starts_again_says_when_to_come_back(serving: Callable[..., Any]) -> None:
    class Restarting(ScriptedEngine):
        def tokenize(self, text: str) -> list[int]:
            if self.closed:
                raise NotReady("the engine is restarting", "Send the request again.")
            return super().tokenize(text)

    engine = Restarting(["x"])
    server = serving(engine)
    engine.closed = True
    answer = server.http.get("/readyz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "restarting" in answer.json()["error"]["message"]
    engine.closed = False
    assert server.http.get("/readyz").status_code == 200


def test_while_the_model_loads_everything_says_when_to_come_back(
    serving: Callable[..., Any],
) -> None:
    server = serving(None)
    ask = {"model": "m", "messages": [{"role": "user", "content": "1+1"}]}
    answers = [
        server.http.get("/readyz"),
        server.http.get("/v1/models"),
        server.http.post("/v1/chat/completions", json=ask),
    ]
    assert [a.status_code for a in answers] == [503] * 3
    assert all(a.headers["retry-after"] == "1" for a in answers)
    assert server.http.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/nothing", 404), ("GET", "/v1/chat/completions", 405), ("PUT", "/readyz", 405)],
)
def test_errors_of_the_frame_have_the_same_form(
    serving: Callable[..., Any], method: str, path: str, status: int
) -> None:
    answer = serving(ScriptedEngine(["x"])).http.request(method, path)
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (
            b'{"model": "scripted", "messages": [{"role": "user", "content": "x"}]}',
            "text/plain",
            400,
        ),
        (b"x" * (5 * 2**20), "application/json", 413),
    ],
)
def test_bodies_that_are_no_requests(
    serving: Callable[..., Any], body: bytes, kind: str, status: int
) -> None:
    answer = serving(ScriptedEngine(["x"])).http.post(
        "/v1/chat/completions", content=body, headers={"content-type": kind}
    )
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_the_page_allows_nothing_inline_and_nothing_from_elsewhere(
    serving: Callable[..., Any],
) -> None:
    answer = serving(ScriptedEngine(["x"])).http.get("/")
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "<script>" not in answer.text
    assert "onclick" not in answer.text


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz"])
def test_a_look_at_the_head_is_answered(serving: Callable[..., Any], path: str) -> None:
    answer = serving(ScriptedEngine(["x"])).http.head(path)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ("NaN", "no numbers of JSON"),
        ("1e999", "no numbers of JSON"),
        ("[" * 300 + "]" * 300, "nested deeper"),
        ('"\\ud800"', "surrogate"),
    ],
)
def test_values_that_nothing_can_store_are_refused(
    serving: Callable[..., Any], metadata: str, why: str
) -> None:
    http = serving(ScriptedEngine(["x"])).http
    number = http.post("/api/conversations", json={}).json()["id"]
    body = f'{{"speaker": "user", "text": "x", "about": {{"a": {metadata}}}}}'
    headers = {"content-type": "application/json"}
    answer = http.post(f"/api/conversations/{number}/turns", content=body, headers=headers)
    assert answer.status_code == 400
    assert why in answer.json()["error"]["message"]
    assert http.get(f"/api/conversations/{number}").status_code == 200


def test_what_is_no_upload_hides_none(serving: Callable[..., Any], tmp_path: Path) -> None:
    http = serving(ScriptedEngine(["x"])).http
    assert http.put("/api/data/rows.jsonl", content=b"{}\n").status_code == 201
    (tmp_path / "uploads" / ".DS_Store").write_text("x")
    (tmp_path / "uploads" / "empty").mkdir()
    assert [one["name"] for one in http.get("/api/data").json()["uploads"]] == ["rows.jsonl"]


@pytest.mark.parametrize("name", ["../../x", "a\x00b", "a b", ""])
def test_a_tuning_needs_a_name_that_its_adapter_can_have(
    serving: Callable[..., Any], name: str
) -> None:
    http = serving(ScriptedEngine(["x"])).http
    recipe = {"name": name, "data": ["task:stars-and-bars:8"]}
    assert http.post("/api/train/plan", json={"recipe": recipe}).status_code == 400
    assert http.get("/api/jobs").json()["jobs"] == []
