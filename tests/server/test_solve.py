"""`/api/solve` over real HTTP: streamed, answered now, stopped, resumed after a restart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from lemmata.engines.base import Engine, Request
from lemmata.types import AdapterRef, Message
from scripted import ScriptedEngine
from served import Running, running

Serving = Callable[[Engine | None], Running]
LONG = "Counting on: " + " ".join(map(str, range(700))) + ", so \\boxed{700}."
COUNTING = Path(__file__).parents[2] / "examples" / "adapters" / "counting"


def events(answer: httpx.Response) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in answer.iter_lines():
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])


def answers(request: Request) -> str:
    return "5}" if isinstance(request.prompt[0], int) else LONG


def test_whole(serving: Serving) -> None:
    server = serving(ScriptedEngine(["6*7 = 42, so \\boxed{42}."]))
    answer = server.http.post("/api/solve", json={"problem": "What is 6*7?"})
    assert answer.status_code == 200
    solution = answer.json()
    assert (solution["answer"], solution["verdict"]["state"]) == ("42", "checked")
    assert (solution["language"], solution["parts"]) == ("en", [])
    told = server.http.get(f"/api/solve/{answer.headers['Lemmata-Solve']}").json()
    assert (told["running"], told["finished"]) == (False, True)


def test_streamed_events_have_their_names(serving: Serving) -> None:
    server = serving(ScriptedEngine(["It is \\boxed{7}."]))
    body = {"problem": "1. What is 3+4?\n2. What is 14/2?", "votes": 3, "stream": True}
    with server.http.stream("POST", "/api/solve", json=body) as answer:
        told = list(events(answer))
    names = [name for name, _ in told]
    assert names[:3] == ["started", "plan", "part"]
    assert {"piece", "candidate", "standing"} <= set(names)
    assert names[-1] == "solution"
    assert told[-1][1]["answer"] == "(1) 7; (2) 7"


def test_small_talk_is_declined_in_its_language(serving: Serving) -> None:
    engine = ScriptedEngine(["\\boxed{1}"])
    server = serving(engine)
    body = {"problem": "你好", "stream": True}
    with server.http.stream("POST", "/api/solve", json=body) as answer:
        told = dict(events(answer))
    assert "推理模型" in told["notice"]["text"]
    assert told["notice"]["kind"] == "off-domain"
    assert engine.requests == []
    server.http.post("/api/solve", json={"problem": "你好", "anyway": True})
    assert len(engine.requests) == 1


def test_answer_now(serving: Serving) -> None:
    server = serving(ScriptedEngine(answers, delay=0.01))
    body = {"problem": "How many?", "stream": True}
    with server.http.stream("POST", "/api/solve", json=body) as answer:
        told = events(answer)
        solve_id = next(told)[1]["id"]
        next(told)
        asked = server.http.post(f"/api/solve/{solve_id}/answer")
        assert asked.json() == {"id": solve_id, "running": True, "finished": False}
        solution = list(told)[-1][1]
    assert solution["answer"] == "5"


def test_stopped_and_gone_on_with_after_a_restart(tmp_path: Path) -> None:
    with running(ScriptedEngine([LONG], delay=0.01), tmp_path) as server:
        body = {"problem": "How many?", "stream": True}
        with server.http.stream("POST", "/api/solve", json=body) as answer:
            told = events(answer)
            solve_id = next(told)[1]["id"]
            for name, _ in told:
                if name == "piece":
                    break
            stopped = server.http.delete(f"/api/solve/{solve_id}").json()
            assert stopped["running"]
            solution = list(told)[-1][1]
        assert solution["verdict"]["reason"] == "stopped before it was settled"

    def rest(request: Request) -> str:
        written = "".join(map(chr, request.prompt)).split("[assistant]")[1]  # type: ignore[arg-type]
        assert LONG.startswith(written)
        return LONG[len(written) :]

    with running(ScriptedEngine(rest), tmp_path) as server:
        solution = server.http.post(f"/api/solve/{solve_id}/resume").json()
    assert (solution["answer"], solution["derivation"]) == ("700", LONG)


def test_who_hangs_up_can_come_back_at_once(serving: Serving) -> None:
    engine = ScriptedEngine([LONG], delay=0.001)
    server = serving(engine)
    body = {"problem": "How many?", "stream": True}
    for _ in range(2):
        with server.http.stream("POST", "/api/solve", json=body) as answer:
            told = events(answer)
            solve_id = next(told)[1]["id"]
            next(told)
        again = server.http.post(f"/api/solve/{solve_id}/resume")
        assert (again.status_code, again.json().get("answer")) == (200, "700")
        assert engine.active == 0


def test_a_solve_at_work_is_not_begun_a_second_time(serving: Serving) -> None:
    server = serving(ScriptedEngine(answers, delay=0.01))
    body = {"problem": "How many?", "stream": True}
    with server.http.stream("POST", "/api/solve", json=body) as answer:
        told = events(answer)
        solve_id = next(told)[1]["id"]
        refused = server.http.post(f"/api/solve/{solve_id}/resume")
        assert refused.status_code == 400
        assert "this solve is running" in refused.text
        server.http.delete(f"/api/solve/{solve_id}")
        assert list(told)[-1][0] == "solution"


def test_unknown_ids_are_404(serving: Serving) -> None:
    server = serving(ScriptedEngine(["x"]))
    for path in ("/api/solve/0123456789ab", "/api/solve/..%2f..%2fetc"):
        assert server.http.get(path).status_code == 404
        assert server.http.delete(path).status_code == 404
    assert server.http.post("/api/solve/0123456789ab/answer").status_code == 404
    assert server.http.post("/api/solve/0123456789ab/resume").status_code == 404


def test_a_refused_request_leaves_nothing_behind(serving: Serving, tmp_path: Path) -> None:
    server = serving(ScriptedEngine(["x"], context=20))
    assert server.http.post("/api/solve", json={"problem": "1 + 1 " * 9}).status_code == 400
    assert list((tmp_path / "solves").rglob("*.json")) == []


def test_an_adapter_is_asked_in_the_role_it_was_tuned_in(serving: Serving) -> None:
    engine = ScriptedEngine(["\\boxed{1}"])
    engine._adapters["counting"] = AdapterRef("counting", COUNTING, "ab" * 32, "b", 8, 16.0)
    server = serving(engine)
    body = {"problem": "How many ways?", "model": "counting"}
    assert server.http.post("/api/solve", json=body).json()["role"] == "combinatorics"
    assert server.http.post("/api/solve", json=body | {"role": "math"}).json()["role"] == "math"
    first = engine.requests[0].prompt[0]
    assert isinstance(first, Message)
    assert "combinatorics" in first.content
