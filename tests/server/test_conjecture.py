"""The search for counterexamples and the doctor over HTTP, by the real commands."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from scripted import ScriptedEngine

EULER = "n^2 + n + 41 is prime for every integer n >= 0."
GOLDBACH = "Every even number greater than 2 is the sum of two primes."


@pytest.fixture
def http(serving: Callable[..., Any]) -> httpx.Client:
    client: httpx.Client = serving(ScriptedEngine(["x"])).http
    client.timeout = httpx.Timeout(240)
    return client


def test_a_false_statement_is_refuted_by_a_job(http: httpx.Client) -> None:
    number = http.post("/api/conjecture", json={"statement": EULER, "budget_s": 20}).json()["id"]
    job = ended(http, number)
    assert job["state"] == "no", job["log"]
    assert isinstance(job["output"], dict)
    checker = http.get(f"/api/conjecture/{number}/checker.py")
    assert checker.headers["content-disposition"] == 'attachment; filename="checker.py"'
    assert "claim holds" in checker.text
    assert "\\section*" in http.get(f"/api/conjecture/{number}/report.tex").text
    for nothing in (f"{number}/plots.svg", f"{'0' * 32}/report.md", "..%2f..%2fkeys/report.md"):
        assert http.get(f"/api/conjecture/{nothing}").status_code in (400, 404)


def test_a_statement_is_shown_back_corrected_and_searched(http: httpx.Client) -> None:
    told = http.post("/api/conjecture/formalise", json={"statement": EULER}).json()
    assert "n^2 + n + 41 is prime" in told["words"]
    assert "素数" in told["words_zh"]
    body = {"statement": EULER, "text": told["text"].replace("0..", "0..30")}
    corrected = http.post("/api/conjecture/formalise", json=body).json()
    assert "30" in corrected["words"]
    asked = {"statement": EULER, "spec": corrected["text"], "budget_s": 20}
    job = ended(http, http.post("/api/conjecture", json=asked).json()["id"])
    assert job["output"]["state"] == "proved"
    assert job["output"]["statement"] == EULER


@pytest.mark.parametrize(
    "body",
    [{"statement": "Beauty is truth."}, {"statement": EULER, "text": "import os"},
     {"statement": EULER, "text": "for integer n in 0..: " + "(" * 5000}],
)  # fmt: skip
def test_what_cannot_be_formalised_is_told_in_a_line(http: httpx.Client, body: Any) -> None:
    answer = http.post("/api/conjecture/formalise", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_a_model_may_only_write_what_type_checks(serving: Callable[..., Any]) -> None:
    said = "for integer n in 1..: even(n * (n + 1))"
    http = serving(ScriptedEngine([said])).http
    body = {"statement": "Neighbours multiply to something even.", "model": True}
    told = http.post("/api/conjecture/formalise", json=body).json()
    assert told["formalised_by"] == "scripted"
    assert told["text"] == said.replace(": ", ":\n  ")


def test_a_search_is_watched_stopped_and_goes_on(http: httpx.Client) -> None:
    body = {"statement": GOLDBACH, "budget_s": 600}
    number = http.post("/api/conjecture", json=body).json()["id"]
    next(line for line in log_of(http, number) if line["kind"] == "progress")
    http.post(f"/api/jobs/{number}/stop")
    job = ended(http, number)
    assert job["state"] == "stopped", job["log"]
    covered = job["output"]["covered"]
    assert http.post(f"/api/jobs/{number}/resume").json()["state"] == "running"
    again = (line for line in log_of(http, number) if line["kind"] == "started")
    assert not next(again)["resumed"]
    told = next(again)
    assert told["resumed"]
    assert told["covered"] == covered
    assert http.delete(f"/api/jobs/{number}").status_code == 204


def log_of(http: httpx.Client, number: str) -> Iterator[Any]:
    """What the job logs, as it comes."""
    with http.stream("GET", f"/api/jobs/{number}/events") as answer:
        for line in answer.iter_lines():
            data = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
            if "line" in data:
                yield data["line"]


def ended(http: httpx.Client, number: str) -> Any:
    deadline = time.monotonic() + 240
    while (job := http.get(f"/api/jobs/{number}").json())["state"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return job


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
