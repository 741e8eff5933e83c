"""`/api/complete`: what editors ask, whole and as it is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lemmata.client import Client
from lemmata.verify.sandbox import level
from scripted import ScriptedEngine

pytestmark = pytest.mark.skipif(level().rung == "none", reason="no sandbox on this machine")

FILE = (
    "from words import TWO\n\n"
    "def twice(n: int) -> int:\n    # 待办：两倍；twice(4) == 8\n    pass\n"
)
NEAR = {"words.py": "TWO = 2\n"}
BODY = {"path": "src/twice.py", "text": FILE, "near": NEAR, "candidates": 1}
RIGHT = "翻倍，O(1)。\n```python\nreturn TWO * n\n```"


def test_a_completion_as_one_document(serving: Callable[..., Any]) -> None:
    engine = ScriptedEngine([RIGHT])
    sent = serving(engine).http.post("/api/complete", json=BODY | {"line": 4}, timeout=60)
    assert sent.status_code == 200
    told = sent.json()
    (best,) = told["proposals"]
    assert (best["passed"], best["examples"], best["verdict"]["state"]) == (1, 1, "checked")
    assert (best["idea"], best["complexity"], best["claimed"]) == ("翻倍，O(1)。", "1", "1")
    assert best["edits"] == [{"first": 3, "last": 5, "text": "    return TWO * n\n"}]
    assert told["todo"] == "两倍；twice(4) == 8"
    assert "待办（第 4 行）" in engine.requests[0].prompt[-1].content


def test_events_end_with_the_completion(serving: Callable[..., Any]) -> None:
    server = serving(ScriptedEngine(["<think>hm</think>" + RIGHT]))
    with Client(server.url) as client:
        events = list(client.complete_events(**BODY))
    names = [event.name for event in events]
    assert names[0] == "started"
    assert {"piece", "trial", "candidate", "standing"} < set(names)
    assert names[-1] == "completion"
    thought = [
        e.data["text"] for e in events if e.name == "piece" and e.data["kind"] == "reasoning"
    ]
    assert "".join(thought) == "hm"
    assert events[-1].data["reasoning"] == "hm"


def test_it_answers_now_stops_and_goes_on(serving: Callable[..., Any]) -> None:
    server = serving(ScriptedEngine([RIGHT + "\n" + "x" * 3000, RIGHT], delay=0.002))
    body = BODY | {"candidates": 2, "stream": True, "seed": 1}
    with server.http.stream("POST", "/api/complete", json=body, timeout=120) as sent:
        solve = sent.headers["lemmata-solve"]
        for line in sent.iter_lines():
            if line == "event: candidate":
                server.http.delete(f"/api/solve/{solve}")
            if line.startswith("data: ") and '"stopped"' in line:
                assert json.loads(line[6:])["stopped"]
    again = server.http.post("/api/complete", json=BODY | {"resume": solve}, timeout=120).json()
    assert again["proposals"][0]["passed"] == 1
    changed = server.http.post(
        "/api/complete", json=BODY | {"resume": solve, "text": FILE + "x = 1\n"}
    )
    assert changed.status_code == 400
    assert "has changed" in changed.json()["error"]["message"]


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"text": "x = 1"}, 400, "there is no TODO comment"),
        ({"text": ""}, 400, "there is no TODO comment"),
        ({"line": 1}, 400, "line 1 of src/twice.py is no TODO comment"),
        ({"model": "nobody"}, 404, "there is no model 'nobody'"),
        ({"resume": "0123456789ab"}, 404, "there is no solve"),
        ({"text": "x" * 400_001}, 400, "text"),
        ({"near": {str(n): "" for n in range(9)}}, 400, "near"),
        ({"unheard": 1}, 400, "unheard"),
    ],
)
def test_refusals_are_one_line(
    serving: Callable[..., Any], change: dict[str, Any], status: int, said: str
) -> None:
    sent = serving(ScriptedEngine([RIGHT])).http.post("/api/complete", json=BODY | change)
    assert sent.status_code == status
    assert said in sent.json()["error"]["message"]


def test_while_the_model_loads_it_says_so(serving: Callable[..., Any]) -> None:
    sent = serving(None).http.post("/api/complete", json=BODY)
    assert (sent.status_code, sent.json()["error"]["message"][:26]) == (
        503,
        "the model is still loading"[:26],
    )
