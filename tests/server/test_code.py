from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scripted import ScriptedEngine

ADD = "def add(a, b):\n    return a + b\n"


def test_a_program_is_judged_by_all_kinds_of_tests(serving: Callable[..., Any]) -> None:
    http = serving(ScriptedEngine(["x"])).http
    tests = [
        {"kind": "call", "function": "add", "args": [1, 2], "expected": 3},
        {"kind": "call", "function": "add", "args": [1, 2], "expected": 4},
        {"kind": "asserts", "function": "add", "code": "assert add(2, 2) == 4"},
    ]
    judged = http.post("/api/verify/code", json={"program": ADD, "tests": tests}, timeout=60).json()
    assert [test["verdict"] for test in judged["tests"]] == ["AC", "WA", "AC"]
    assert (judged["verdict"], judged["first_failing"]) == ("WA", 1)
    assert judged["isolation"] in {"full", "reduced"}


def test_a_program_is_run_and_cannot_run_on(serving: Callable[..., Any]) -> None:
    http = serving(ScriptedEngine(["x"])).http
    ran = http.post(
        "/api/run", json={"program": "print(int(input()) * 2)", "stdin": "21"}, timeout=60
    ).json()
    assert (ran["status"], ran["stdout"]) == ("OK", "42\n")
    slow = {"program": "while True: pass", "limits": {"time_s": 0.1}}
    assert http.post("/api/run", json=slow, timeout=60).json()["status"] == "TLE"


def test_what_is_no_test_is_refused_by_name(serving: Callable[..., Any]) -> None:
    http = serving(ScriptedEngine(["x"])).http
    answer = http.post("/api/verify/code", json={"program": "1", "tests": [{"kind": "guess"}]})
    assert answer.status_code == 400
    assert "tests.0" in answer.json()["error"]["message"]
