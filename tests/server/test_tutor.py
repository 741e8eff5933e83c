"""Exercises and grading over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from lemmata.server.auth import Gate
from lemmata.server.state.database import open_database
from lemmata.server.state.keys import Keys
from lemmata.server.state.tables import HandedIn
from scripted import ScriptedEngine
from served import running

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
    assert rows["Dee"]["trouble"] == "the submission is empty. Give a file with something in it."
    end = events[4][1]
    (cluster,) = end["clusters"]
    assert (cluster["mistake"], set(cluster["students"])) == ("crash", {"Bo", "Cy"})
    assert end["csv"].splitlines()[0].startswith("student,verdict")
    assert "| Ann | passed |" in end["markdown"]
    twice = body | {"submissions": body["submissions"][:1] * 2}
    assert http.post("/api/tutor/class", json=twice).status_code == 400


def events_of(text: str) -> list[tuple[str, Any]]:
    blocks = text.strip().split("\n\n")
    return [
        (b.split("\n")[0].removeprefix("event: "), json.loads(b.split("data: ")[1])) for b in blocks
    ]


RIGHT = "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n"


def test_a_class_outlives_its_server(tmp_path: Path) -> None:
    handed = [{"student": "Ann", "text": RIGHT}, {"student": "Bo\0", "text": CRASH}]
    body = {"exercise": "gcd", "submissions": handed}
    with running(ScriptedEngine(["x"]), tmp_path) as server:
        told = server.http.post("/api/tutor/class", json=body, timeout=240).text
        assert len(events_of(told)) == 3
    with running(ScriptedEngine(["x"]), tmp_path) as server:
        known = server.http.get("/api/tutor/class", params={"exercise": "gcd"}).json()
        assert [row["verdict"] for row in known["rows"]] == ["passed", "RE"]
        assert known["clusters"][0]["mistake"] == "crash"
        assert known["csv"].startswith("student,verdict")
        place = server.service.database()
        with Session(place) as session:  # proof that it is not run again
            session.execute(update(HandedIn).values(row=known["rows"][0] | {"verdict": "kept"}))
            session.commit()
        again = events_of(server.http.post("/api/tutor/class", json=body).text)
        assert [row["verdict"] for name, row in again if name == "graded"] == ["kept", "kept"]
        changed = body | {"submissions": [{"student": "Ann", "text": RIGHT + "\n"}]}
        rows = events_of(server.http.post("/api/tutor/class", json=changed, timeout=240).text)
        assert rows[0][1]["verdict"] == "passed"
        gone = server.http.delete("/api/tutor/class", params={"exercise": "gcd"})
        assert gone.status_code == 204
        empty = server.http.get("/api/tutor/class", params={"exercise": "gcd"}).json()
        assert (empty["rows"], empty["clusters"]) == ([], [])


def test_a_class_in_mathematics_is_graded(serving: Callable[..., Any]) -> None:
    http = serving(ScriptedEngine(["x"])).http
    wrong = "20 + 4 = 26. The answer is \\boxed{13}."
    handed = [{"student": s, "text": wrong} for s in ("Ann", "Bo")]
    body = {"exercise": "two-equations", "submissions": handed, "language": "zh"}
    *rows, (_, end) = events_of(http.post("/api/tutor/class", json=body, timeout=120).text)
    assert {row["mistake"] for _, row in rows} == {"wrong-step"}
    assert end["clusters"][0]["students"] == ["Ann", "Bo"]
    said = "第 1 步不成立：20 + 4 = 26，应为 24，不是 26。它前面的步骤没有发现错误。"
    assert rows[0][1]["comments"][0]["text"] == said


def test_classes_of_two_teachers_are_apart(tmp_path: Path) -> None:
    keys = Keys(open_database(f"sqlite:///{tmp_path}/lemmata.db"))
    ann, bo = (keys.add(name, "tune") for name in ("ann", "bo"))
    student = keys.add("student", "infer")
    body = {"exercise": "gcd", "submissions": [{"student": "S", "text": ""}]}
    with running(ScriptedEngine(["x"]), tmp_path, Gate(keys)) as server:

        def asked(method: str, key: str, **more: Any) -> Any:
            head = {"Authorization": f"Bearer {key}"}
            return server.http.request(method, "/api/tutor/class", headers=head, **more)

        assert asked("POST", ann, json=body).status_code == 200
        which = {"exercise": "gcd"}
        assert len(asked("GET", ann, params=which).json()["rows"]) == 1
        assert asked("GET", bo, params=which).json()["rows"] == []
        assert asked("DELETE", bo, params=which).status_code == 204
        assert len(asked("GET", ann, params=which).json()["rows"]) == 1
        for method in ("GET", "DELETE"):
            assert asked(method, student, params=which).status_code == 403


def test_one_broken_exercise_hides_no_other(serving: Callable[..., Any]) -> None:
    running = serving(ScriptedEngine(["x"]))
    folder = running.service.settings.home / "exercises" / "broken"
    folder.mkdir(parents=True)
    (folder / "exercise.toml").write_text("title = ")
    told = running.http.get("/api/tutor/exercises").json()
    assert "gcd" in {one["id"] for one in told["exercises"]}
    (broken,) = told["broken"]
    assert broken["id"] == "broken"
    assert "broken/exercise.toml" in broken["why"]
    assert str(folder) not in broken["why"], "paths are not for clients"


def test_a_reference_that_fails_tells_students_nothing_of_the_hidden_test(
    serving: Callable[..., Any],
) -> None:
    running = serving(ScriptedEngine(["x"]))
    folder = running.service.settings.home / "exercises" / "double"
    folder.mkdir(parents=True)
    (folder / "exercise.toml").write_text(OWN)
    (folder / "reference.py").write_text("def double(n):\n    return {}[n]\n")
    body = {"exercise": "double", "text": "def double(n):\n    return 2 * n\n"}
    told = running.http.post("/api/tutor/grade", json=body, timeout=60)
    assert told.status_code == 400
    assert "3171" not in told.text
    assert "Tell your teacher" in told.text
    assert "3171" in running.http.post("/api/tutor/review", json=body, timeout=60).text


def test_the_answer_of_mathematics_stays_with_the_teacher(serving: Callable[..., Any]) -> None:
    http = serving(ScriptedEngine(["x"])).http
    for text in ("The answer is \\boxed{977}.", "I do not know.", "\\boxed{\\heartsuit}"):
        body = {"exercise": "two-equations", "text": text}
        told = http.post("/api/tutor/grade", json=body | {"hint": 4}, timeout=60)
        assert not told.json()["passed"]
        assert 80 <= len(told.json()["hint"].split()) <= 160
        assert "12" not in told.text
        assert http.post("/api/tutor/review", json=body, timeout=60).json()["gold"] == "12"
