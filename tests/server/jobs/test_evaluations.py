"""Evaluations over HTTP: the real command measures the real model, and every item can be seen."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from lemmata.models.stored import StoredModel
from lemmata.server.own_rows import to_measure
from scripted import ScriptedEngine


@pytest.fixture
def http(serving: Callable[..., Any]) -> httpx.Client:
    client: httpx.Client = serving(ScriptedEngine(["x"])).http
    return client


def test_the_benchmarks_that_ship_are_listed(http: httpx.Client) -> None:
    found = http.get("/api/evaluations").json()
    assert found["runs"] == []
    assert {"counting", "gsm8k"} <= {one["name"] for one in found["benchmarks"]}


@pytest.mark.parametrize(
    "body",
    [
        {"benchmark": "/etc/passwd"}, {"benchmark": "../x.toml"}, {"benchmark": "hf:a/b"},
        {"benchmark": "counting", "adapters": ["/tmp/x"]}, {"benchmark": "-h"},
        {"benchmark": "counting", "model": "../x"}, {"benchmark": "counting", "k": 0},
    ],
)  # fmt: skip
def test_no_file_of_the_server_can_be_named(http: httpx.Client, body: dict[str, Any]) -> None:
    assert http.post("/api/evaluations", json=body).status_code == 400
    assert http.get("/api/jobs").json()["jobs"] == []


def test_unknown_runs(http: httpx.Client) -> None:
    for name in ("none", "..", "%00", "a%2Fb"):
        assert http.get(f"/api/evaluations/{name}").status_code == 404
        assert http.get(f"/api/evaluations/{name}/items").status_code == 404


@pytest.mark.model
def test_a_run_is_measured_looked_at_and_compared(
    serving: Callable[..., Any], tmp_path: Path, default_model: StoredModel, lemmata_home: Path
) -> None:
    (tmp_path / "models").symlink_to(lemmata_home / "models")
    http = serving(ScriptedEngine(["x"])).http
    ids = []
    for seed in (1, 2):
        body = {"benchmark": "counting", "limit": 2, "max_tokens": 16, "model": "smollm2-135m",
                "seed": seed}  # fmt: skip
        job = http.post("/api/evaluations", json=body).json()
        deadline = time.monotonic() + 240
        while (now := http.get(f"/api/jobs/{job['id']}").json())["state"] == "running":
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert now["state"] == "done", json.dumps(now["log"])
        ids.append(now["about"]["evaluation"])
    run = http.get(f"/api/evaluations/{ids[0]}").json()
    assert run["complete"]
    assert 0 <= run["results"]["cells"][0]["accuracy"]["value"] <= 1
    items = http.get(f"/api/evaluations/{ids[0]}/items").json()
    assert items["total"] >= 2
    assert items["items"][0]["attempts"][0]["text"]
    made = http.get(f"/api/evaluations/{ids[0]}/compare/{ids[1]}").json()
    assert made["contrasts"][0]["items"] >= 2


def test_own_rows_are_named_by_their_upload(http: httpx.Client, tmp_path: Path) -> None:
    body = {"benchmark": "upload:" + "0" * 32}
    assert http.post("/api/evaluations", json=body).status_code == 404
    for name in ("upload:..", "upload:/etc/passwd", "upload:"):
        assert http.post("/api/evaluations", json={"benchmark": name}).status_code in (400, 404)
    assert http.get("/api/jobs").json()["jobs"] == []


def test_of_prepared_rows_only_the_held_out_are_measured(tmp_path: Path) -> None:
    upload, prepared = tmp_path / "rows.jsonl", tmp_path / "prepared"
    upload.write_text("{}\n")
    assert to_measure(upload, prepared) == upload
    prepared.mkdir()
    held = {"messages": [{"role": "user", "content": "1 + 1?"}], "completion": "2"}
    lines = [held, held | {"meta": {"gold": "two"}}]
    (prepared / "heldout.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    made = to_measure(upload, prepared)
    rows = [json.loads(line) for line in made.read_text("utf-8").splitlines()]
    assert rows == [{"problem": "1 + 1?", "gold": "2"}, {"problem": "1 + 1?", "gold": "two"}]


def test_a_run_that_cannot_be_read_hides_no_other(http: httpx.Client, tmp_path: Path) -> None:
    for name, text in (("cut", "{"), ("foreign", "{}"), ("list", "[]")):
        (tmp_path / "evals" / name).mkdir(parents=True)
        (tmp_path / "evals" / name / "run.json").write_text(text)
    listed = http.get("/api/evaluations")
    assert (listed.status_code, listed.json()["runs"]) == (200, [])
    assert http.get("/api/evaluations/cut").status_code == 404
