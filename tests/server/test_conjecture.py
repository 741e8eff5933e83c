"""The search for counterexamples and the doctor over HTTP, by the real commands."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from scripted import ScriptedEngine


@pytest.fixture
def http(serving: Callable[..., Any]) -> httpx.Client:
    client: httpx.Client = serving(ScriptedEngine(["x"])).http
    client.timeout = httpx.Timeout(240)
    return client


def test_a_false_statement_is_refuted_by_a_job(http: httpx.Client) -> None:
    body = {"statement": "n^2 + n + 41 is prime for every integer n >= 0.", "budget_s": 20}
    number = http.post("/api/conjecture", json=body).json()["id"]
    deadline = time.monotonic() + 240
    while (job := http.get(f"/api/jobs/{number}").json())["state"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert job["state"] == "no", job["log"]
    assert isinstance(job["output"], dict)


def test_the_doctor_is_asked(http: httpx.Client) -> None:
    findings = http.get("/api/doctor").json()["findings"]
    assert {"cpu", "memory", "sandbox"} <= {one["name"] for one in findings}


def test_who_only_watches_does_not_hold_up_a_stop(serving: Callable[..., Any]) -> None:
    server = serving(ScriptedEngine(["x"]))
    body = {"statement": "Every even number greater than 2 is the sum of two primes."}
    number = server.http.post("/api/conjecture", json=body | {"budget_s": 300}, timeout=60).json()[
        "id"
    ]
    server.service.stopping = True
    with server.http.stream("GET", f"/api/jobs/{number}/events", timeout=60) as answer:
        assert "event: job" in "".join(answer.iter_text())
    assert server.http.get(f"/api/jobs/{number}").json()["state"] == "running"
    assert server.http.delete(f"/api/jobs/{number}").status_code == 204
