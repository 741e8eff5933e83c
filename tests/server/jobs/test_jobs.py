"""Tuning and data checks over HTTP, by the real commands."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from lemmata.models.stored import StoredModel
from lemmata.server.jobs.jobs import AT_ONCE
from lemmata.server.state.tables import Job
from scripted import ScriptedEngine

ROWS = [
    {"problem": f"What is {n} + {n}?", "solution": f"{n} + {n} = {2 * n}. \\boxed{{{2 * n}}}"}
    for n in range(11, 19)
]


def ended(http: httpx.Client, number: str) -> Any:
    deadline = time.monotonic() + 240
    while (job := http.get(f"/api/jobs/{number}").json())["state"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return job


def events(http: httpx.Client, number: str, after: int = 0) -> Iterator[tuple[str, Any]]:
    where = f"/api/jobs/{number}/events"
    with http.stream("GET", where, params={"after": after}, timeout=240) as answer:
        name = ""
        for line in answer.iter_lines():
            if line.startswith("event: "):
                name = line[7:]
            if line.startswith("data: "):
                yield name, json.loads(line[6:])


@pytest.fixture
def http(serving: Callable[..., Any]) -> httpx.Client:
    client: httpx.Client = serving(ScriptedEngine(["x"])).http
    return client


def uploaded(http: httpx.Client, name: str = "rows.jsonl") -> str:
    body = "\n".join(json.dumps(row) for row in [*ROWS, ROWS[0]]).encode()
    answer = http.put(f"/api/data/{name}", content=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_a_file_is_kept_checked_and_prepared(http: httpx.Client) -> None:
    number = uploaded(http)
    listed = http.get("/api/data").json()["uploads"]
    assert [(one["id"], one["name"], one["prepared"]) for one in listed] == [
        (number, "rows.jsonl", False)
    ]
    checked = ended(http, http.post(f"/api/data/{number}/check", json={}).json()["id"])
    assert checked["state"] == "no"  # a row stands there twice
    assert checked["output"]["rows"] == 9
    assert sum(checked["output"]["dropped"].values()) == 1
    prepared = ended(http, http.post(f"/api/data/{number}/prepare", json={}).json()["id"])
    assert prepared["state"] == "done", prepared["log"]
    assert http.get("/api/data").json()["uploads"][0]["prepared"]
    assert http.delete(f"/api/data/{number}").status_code == 204
    assert http.get("/api/data").json()["uploads"] == []


def test_a_job_that_is_forgotten_ends_its_events(http: httpx.Client) -> None:
    number = http.post(f"/api/data/{uploaded(http)}/check", json={}).json()["id"]
    names = []
    for name, _ in events(http, number):
        if not names:
            assert http.delete(f"/api/jobs/{number}").status_code == 204
        names.append(name)
    assert names[-1] in {"error", "job"}  # it may have ended just before


def test_a_job_is_known_after_its_machine_was_renamed(serving: Callable[..., Any]) -> None:
    server = serving(ScriptedEngine(["x"]))
    number = server.http.post(f"/api/data/{uploaded(server.http)}/check", json={}).json()["id"]
    before = ended(server.http, number)
    with server.service.database().begin() as connection:
        connection.execute(text("UPDATE jobs SET host = 'a-former-container', state = 'running'"))
    after = server.http.get(f"/api/jobs/{number}").json()
    assert after == before | {"host": "a-former-container"}


def test_a_job_of_another_machine_takes_no_place_here(serving: Callable[..., Any]) -> None:
    server = serving(ScriptedEngine(["x"]))
    with Session(server.service.database()) as session, session.begin():
        for n in range(3):
            row = Job(id=f"{n:032x}", kind="train", title="t", host="b", state="running", about={})
            session.add(row)
    assert server.http.get(f"/api/jobs/{0:032x}").json()["state"] == "running"
    told = server.http.post(f"/api/jobs/{0:032x}/stop")
    assert (told.status_code, "runs on b" in told.json()["error"]["message"]) == (400, True)
    assert server.http.delete(f"/api/jobs/{1:032x}").status_code == 204
    number = uploaded(server.http)
    assert server.http.post(f"/api/data/{number}/check", json={}).status_code == 201


def test_no_more_jobs_begin_than_may_run(http: httpx.Client) -> None:
    number = uploaded(http)
    with ThreadPoolExecutor(6) as pool:
        path, asked = f"/api/data/{number}/check", range(6)
        answers = list(pool.map(lambda _: http.post(path, json={}, timeout=120), asked))
    states = [job["state"] for job in http.get("/api/jobs").json()["jobs"]]
    assert {a.status_code for a in answers} <= {201, 429}
    assert len(states) == sum(a.status_code == 201 for a in answers)
    assert states.count("running") <= AT_ONCE


def test_long_names_are_kept_or_refused(http: httpx.Client) -> None:
    statuses = [http.put(f"/api/data/{'数' * n}.csv", content=b"a").status_code for n in (64, 85)]
    assert statuses == [201, 400]


@pytest.mark.parametrize(
    ("name", "status"),
    [("..%2Fx.jsonl", 404), (".x.jsonl", 400), ("x.pickle", 400), ("a%00.jsonl", 400)],
)
def test_names_that_reach_elsewhere_are_refused(
    http: httpx.Client, tmp_path: Path, name: str, status: int
) -> None:
    assert http.put(f"/api/data/{name}", content=b"{}").status_code == status
    assert not list(tmp_path.rglob("x.*"))


@pytest.mark.parametrize(
    "recipe",
    [
        {"name": "a", "data": ["/etc/passwd"]},
        {"name": "a", "data": ["upload:../../x"]},
        {"name": "a", "data": ["task:vieta:4"], "base": "../elsewhere"},
        {"name": "a", "data": ["task:vieta:4"], "teacher": "x.safetensors"},
        {"name": "a", "data": ["task:vieta:4"], "stages": [{"name": "s", "data": ["/x"]}]},
        {"name": "a", "data": ["task:vieta:4"], "learning_rate": 1},
        {},
    ],
)
def test_a_recipe_names_no_file_of_the_server(http: httpx.Client, recipe: dict[str, Any]) -> None:
    assert http.post("/api/train", json={"recipe": recipe}).status_code in {400, 404}
    assert http.get("/api/jobs").json()["jobs"] == []


def test_the_form_describes_every_field(http: httpx.Client) -> None:
    form = http.get("/api/train/schema").json()["recipe"]
    assert form["properties"]["lr"]["default"] == 2e-4
    assert "rate" in form["properties"]["lr"]["description"]


def test_unknown_jobs(http: httpx.Client) -> None:
    for number in ("x", "0" * 32, "%00"):
        assert http.get(f"/api/jobs/{number}").status_code == 404
        assert http.post(f"/api/jobs/{number}/stop").status_code == 404


@pytest.mark.model
@pytest.mark.train
def test_a_tuning_outlives_the_server_stops_goes_on_and_is_served(
    serving: Callable[..., Any], tmp_path: Path, default_model: StoredModel, lemmata_home: Path
) -> None:
    (tmp_path / "models").symlink_to(lemmata_home / "models")
    recipe = {
        "name": "sums", "data": ["task:stars-and-bars:24"], "rows_per_step": 2, "save_every": 2,
        "round_trip_rows": 0, "languages": ["en"],
    }  # fmt: skip
    first = serving(ScriptedEngine(["x"])).http
    number = first.post("/api/train", json={"recipe": recipe}).json()["id"]
    again = serving(ScriptedEngine(["x"]))
    for name, told in events(again.http, number):
        if name == "line" and told["line"]["event"] == "step":
            assert told["line"]["loss"] > 0
            again.http.post(f"/api/jobs/{number}/stop")
            break
    stopped = ended(again.http, number)
    assert stopped["state"] == "stopped", stopped["log"]
    assert again.http.post(f"/api/jobs/{number}/serve", json={"name": "s"}).status_code == 400
    assert again.http.post(f"/api/jobs/{number}/resume").json()["state"] == "running"
    kinds = [told["line"]["event"] for name, told in events(again.http, number) if name == "line"]
    assert kinds[-1] == "finished"
    assert ended(again.http, number)["state"] == "done"
    served = again.http.post(f"/api/jobs/{number}/serve", json={"name": "sums"}, timeout=60)
    assert served.json()["name"] == "sums"
    assert [ref.name for ref in again.service.engine.adapters()] == ["sums"]
