"""Exercises and grading over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripted import ScriptedEngine

CRASH = "def gcd(a, b):\n    while a % b:\n        a, b = b, a % b\n    return b\n"
OWN = (
    'title = "Double"\nstatement = "Return twice n."\nfunction = "double"\nhelp = 1\n'
    '[[inputs]]\nname = "n"\nkind = "int"\n[[tests]]\nargs = [3171]\n'
)


def test_exercises_show_no_hidden_test(serving: Callable[..., Any]) -> None:
    http = serving(ScriptedEngine(["x"])).http
    told = http.get("/api/tutor/exercises", params={"language": "zh"}).json()["exercises"]
    gcd = next(exercise for exercise in told if exercise["id"] == "gcd")
    assert gcd["title"] == "最大公因数"
    assert (gcd["visible"], gcd["tests"]) == ([[12, 18]], 3)
    assert "reference" not in json.dumps(told)


def test_a_student_gets_comments_and_a_hint(serving: Callable[..., Any]) -> None:
    http = serving(ScriptedEngine(["x"])).http
    body = {"exercise": "gcd", "text": CRASH, "hint": 2}
    told = http.post("/api/tutor/grade", json=body, timeout=60).json()
    assert not told["passed"]
    assert told["comments"][0]["line"] == 2
    assert "`gcd(1, 0)`" in told["hint"]
    assert "findings" not in told
    reviewed = http.post("/api/tutor/review", json=body, timeout=60).json()
    assert reviewed["findings"][0]["nature"] == "crash"


def test_a_derivation_is_graded_step_by_step(serving: Callable[..., Any]) -> None:
    http = serving(ScriptedEngine(["x"])).http
    body = {"exercise": "two-equations", "text": "20 + 4 = 26. The answer is \\boxed{13}."}
    told = http.post("/api/tutor/grade", json=body, timeout=60).json()
    assert told["first_wrong"] == 0
    assert told["verdict"]["state"] == "incorrect"


def test_own_exercises_and_refusals(serving: Callable[..., Any], tmp_path: Path) -> None:
    running = serving(ScriptedEngine(["x"]))
    folder = running.service.settings.home / "exercises" / "double"
    folder.mkdir(parents=True)
    (folder / "exercise.toml").write_text(OWN)
    (folder / "reference.py").write_text("def double(n):\n    return 2 * n\n")
    text = "def double(n):\n    return 2 * n + 1\n"

    def post(**more: Any) -> Any:
        return running.http.post(
            "/api/tutor/grade", json={"exercise": "double", "text": text} | more, timeout=60
        )

    told = post(hint=1)
    assert told.json()["tests"] == [
        {"number": 1, "visible": False, "verdict": "WA", "call": "", "reason": ""}
    ]
    assert "3171" not in told.text
    assert post(hint=2).status_code == 400
    for name in ("../../etc", str(folder), "double/", "nothing"):
        assert post(exercise=name).status_code == 400
