"""Exercises and grading over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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


DOUBLE = {
    "title": {"en": "Double", "zh": "加倍"},
    "statement": {"en": "Return twice n.", "zh": "返回 2n。"},
    "function": "double",
    "reference": "def double(n):\n    return 2 * n\n",
    "help": 2,
    "inputs": [{"name": "n", "kind": "int", "low": -9, "high": 99}],
    "tests": [{"args": [3], "visible": True}, {"args": [3171]}],
}


def test_a_teacher_defines_changes_and_removes_an_exercise(serving: Callable[..., Any]) -> None:
    http = serving(ScriptedEngine(["x"])).http
    http.timeout = 120
    where = "/api/tutor/exercises/double"
    made = http.put(where, json=DOUBLE).json()
    assert made["own"]
    assert made["definition"]["tests"][1] == {"args": [3171], "size": None, "visible": False}
    assert http.put(where, json=made["definition"] | {"help": 1}).json()["definition"]["help"] == 1
    told = http.get("/api/tutor/exercises", params={"language": "zh"})
    mine = next(one for one in told.json()["exercises"] if one["id"] == "double")
    assert (mine["title"], mine["visible"], mine["help"]) == ("加倍", [[3]], 1)
    assert "3171" not in told.text
    assert http.delete(where).status_code == 204
    assert http.get(where).status_code == 404
    assert http.delete("/api/tutor/exercises/gcd").status_code == 400
    assert http.get("/api/tutor/exercises/gcd").json()["own"] is False


@pytest.mark.parametrize(
    "changed",
    [
        {"reference": "def double(n):\n    while True:\n        pass\n", "time_s": 0.2},
        {"reference": "def double(n:\n"},
        {"reference": ""},
        {"tests": []},
        {"tests": [{"args": [1, 2]}]},
        {"tests": [{"args": [None]}]},
        {"inputs": [{"name": "n", "kind": "list"}]},
        {"inputs": [{"name": "n", "kind": "choice"}]},
        {"inputs": [{"name": "n", "kind": "int", "low": 5, "high": 4}]},
        {"subject": "mathematics", "gold": ""},
        {"title": {}},
        {"statement": {"en": "\ud800"}},
    ],
)
def test_a_broken_exercise_is_refused_in_a_line_and_nothing_changes(
    serving: Callable[..., Any], changed: dict[str, Any]
) -> None:
    running = serving(ScriptedEngine(["x"]))
    content = json.dumps(DOUBLE | changed)
    answer = running.http.put(
        "/api/tutor/exercises/double", content=content, timeout=120,
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert answer.status_code == 400, answer.text
    message = answer.json()["error"]["message"]
    assert message
    assert "\n" not in message
    home = running.service.settings.home / "exercises"
    assert not home.exists() or list(home.iterdir()) == []


def test_evidence_shows_the_run_and_traces_only_under_a_high_cap(
    serving: Callable[..., Any],
) -> None:
    http = serving(ScriptedEngine(["x"])).http
    http.timeout = 120
    http.put("/api/tutor/exercises/double", json=DOUBLE)
    text = "def double(n):\n    twice = n + n\n    return twice + 1\n"
    body = {"exercise": "double", "text": text}
    shown = http.post("/api/tutor/grade", json=body).json()["evidence"][0]
    assert (shown["call"], shown["expected"], shown["observed"]) == ("double(0)", "0", "1")
    assert "trace" not in shown
    trace = http.post("/api/tutor/review", json=body).json()["evidence"][0]["trace"]
    assert any(moment["variables"].get("twice") == "0" for moment in trace)


def test_a_hint_is_worded_by_the_model_only_while_it_keeps_the_facts(
    serving: Callable[..., Any],
) -> None:
    http = serving(ScriptedEngine(["Just write return a."])).http
    body = {"exercise": "gcd", "text": CRASH, "hint": 2}
    plain = http.post("/api/tutor/grade", json=body, timeout=60).json()["hint"]
    told = http.post("/api/tutor/grade", json=body | {"reword": True}, timeout=60).json()["hint"]
    assert told == plain


def test_a_class_is_graded_one_by_one_and_compared(serving: Callable[..., Any]) -> None:
    http = serving(ScriptedEngine(["x"])).http
    right = "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n"
    twin = CRASH.replace("a", "first").replace("b", "second").replace("firstnd", "and")
    handed = {"Ann": right, "Bo": CRASH, "Cy": twin,
              "Dee": ""}  # fmt: skip
    body = {"exercise": "gcd",
            "submissions": [{"student": s, "text": t} for s, t in handed.items()]}  # fmt: skip
    told = http.post("/api/tutor/class", json=body, timeout=240).text
    events = [
        (block.split("\n")[0].removeprefix("event: "), json.loads(block.split("data: ")[1]))
        for block in told.strip().split("\n\n")
    ]
    assert [name for name, _ in events] == ["graded"] * 4 + ["class"]
    rows = {row["student"]: row for _, row in events[:4]}
    assert rows["Ann"]["passed"]
    assert rows["Bo"]["mistake"] == "crash"
    assert rows["Dee"]["trouble"] == "the submission is empty. Give a file with a program."
    end = events[4][1]
    assert set(end["clusters"]["crash"]) == {"Bo", "Cy"}
    assert end["csv"].splitlines()[0].startswith("student,verdict")
    assert "| Ann | passed |" in end["markdown"]
    twice = body | {"submissions": body["submissions"][:1] * 2}
    assert http.post("/api/tutor/class", json=twice).status_code == 400
    mathematics = body | {"exercise": "two-equations"}
    assert http.post("/api/tutor/class", json=mathematics).status_code == 400
