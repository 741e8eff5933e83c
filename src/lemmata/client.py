"""A typed client of the server's own routes; for chat and completions any OpenAI client does.

    from lemmata.client import Client

    with Client("http://127.0.0.1:8080") as client:
        print(client.solve("What is 6 times 7?", votes=4)["answer"])

Answers are the JSON documents of `docs/reference/openapi.json`, which a test holds the paths and
fields of this file against.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from lemmata.errors import BadInput, EngineDied, LemmataError, NotReady, Overloaded

Json = dict[str, Any]
ENDED = ("done", "no", "stopped", "failed", "lost")


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event."""

    name: str
    data: Any


class Client:
    """`url` is the server's; `key` where it wants one. Times out after `timeout` seconds without a
    byte. Raises NotReady while the model loads, Overloaded, BadInput, EngineDied."""

    def __init__(self, url: str, key: str | None = None, timeout: float = 600.0) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(base_url=url.rstrip("/"), headers=headers, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._http.close()

    def models(self) -> list[str]:
        """The base first, then the adapters by name."""
        return [model["id"] for model in self._call("GET", "/v1/models")["data"]]

    def solve(self, problem: str, **given: Any) -> Json:
        """The solution as JSON; `given` are fields of the request (model, role, votes, gold, …)."""
        return self._call("POST", "/api/solve", {"problem": problem, **given})

    def solve_events(self, problem: str, **given: Any) -> Iterator[Event]:
        """The same as it is written: notice, piece, candidate, …, last the solution."""
        body = {"problem": problem, "stream": True, **given}
        yield from self._events("POST", "/api/solve", json=body)

    def complete(self, path: str, text: str, **given: Any) -> Json:
        """What a TODO in a file could become; `given` are fields of the request (line, near, …)."""
        return self._call("POST", "/api/complete", {"path": path, "text": text, **given})

    def complete_events(self, path: str, text: str, **given: Any) -> Iterator[Event]:
        """The same as it is written: piece, trial, candidate, …, last the completion."""
        body = {"path": path, "text": text, "stream": True, **given}
        yield from self._events("POST", "/api/complete", json=body)

    def verify_math(self, answer: str, gold: str) -> Json:
        return self._call("POST", "/api/verify/math", {"answer": answer, "gold": gold})

    def verify_steps(self, text: str, problem: str = "") -> Json:
        return self._call("POST", "/api/verify/steps", {"text": text, "problem": problem})

    def verify_code(self, program: str, tests: list[Json], **given: Any) -> Json:
        body = {"program": program, "tests": tests, **given}
        return self._call("POST", "/api/verify/code", body)

    def run(self, program: str, stdin: str = "", **given: Any) -> Json:
        """Run a program once in the server's sandbox."""
        return self._call("POST", "/api/run", {"program": program, "stdin": stdin, **given})

    def adapters(self) -> list[Json]:
        found: list[Json] = self._call("GET", "/api/adapters")["adapters"]
        return found

    def upload_adapter(self, name: str, archive: Path) -> Json:
        """Send a zip of an adapter folder; it is checked before it is used."""
        headers = {"Content-Type": "application/zip"}
        sent = self._http.put(
            f"/api/adapters/{name}", content=archive.read_bytes(), headers=headers
        )
        return _said(sent)

    def remove_adapter(self, name: str) -> None:
        self._call("DELETE", f"/api/adapters/{name}")

    def upload_data(self, path: Path) -> Json:
        """Send a file to tune on; recipes name it as `upload:ID` once it is prepared."""
        return _said(self._http.put(f"/api/data/{path.name}", content=path.read_bytes()))

    def check_data(self, upload: str, **given: Any) -> Json:
        """A job; its output says what the file holds."""
        return self._call("POST", f"/api/data/{upload}/check", given)

    def prepare_data(self, upload: str, **given: Any) -> Json:
        """A job that cleans and splits the file."""
        return self._call("POST", f"/api/data/{upload}/prepare", given)

    def plan(self, recipe: Mapping[str, Any], **given: Any) -> Json:
        """A job; its output says what the tuning would take."""
        return self._call("POST", "/api/train/plan", {"recipe": dict(recipe), **given})

    def train(self, recipe: Mapping[str, Any]) -> Json:
        """A job that tunes an adapter."""
        return self._call("POST", "/api/train", {"recipe": dict(recipe)})

    def evaluate(self, benchmark: str, **given: Any) -> Json:
        """A job that measures; `evaluation` then gives the results."""
        return self._call("POST", "/api/evaluations", {"benchmark": benchmark, **given})

    def evaluation(self, name: str) -> Json:
        return self._call("GET", f"/api/evaluations/{name}")

    def job(self, number: str) -> Json:
        return self._call("GET", f"/api/jobs/{number}")

    def watch(self, number: str, after: int = 0) -> Iterator[Event]:
        """A job's events to its end: `job` when its state changes, `line` of its event log."""
        yield from self._events("GET", f"/api/jobs/{number}/events", params={"after": after})

    def wait(self, number: str, every: float = 0.5) -> Json:
        """The job once it has ended."""
        while (job := self.job(number))["state"] not in ENDED:
            time.sleep(every)
        return job

    def stop(self, number: str) -> Json:
        return self._call("POST", f"/api/jobs/{number}/stop")

    def resume(self, number: str) -> Json:
        return self._call("POST", f"/api/jobs/{number}/resume")

    def serve(self, number: str, name: str) -> Json:
        """Register and load the adapter that a tuning made."""
        return self._call("POST", f"/api/jobs/{number}/serve", {"name": name})

    def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        return _said(self._http.request(method, path, json=body))

    def _events(self, method: str, path: str, **given: Any) -> Iterator[Event]:
        with self._http.stream(method, path, **given) as answer:
            if not answer.is_success:
                answer.read()
                _said(answer)
            name = "message"
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    told = json.loads(line[6:])
                    if name == "error":
                        raise EngineDied(told["error"]["message"])
                    yield Event(name, told)


def _said(answer: httpx.Response) -> Json:
    """The document, or the error that the server told of."""
    if answer.status_code == httpx.codes.NO_CONTENT:
        return {}
    if answer.is_success:
        document: Json = answer.json()
        return document
    raise _error(answer)


def _error(answer: httpx.Response) -> LemmataError:
    try:
        cause = str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        cause = f"{answer.status_code} {answer.reason_phrase}"
    wait = int(answer.headers.get("retry-after") or 1)
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return Overloaded(cause, retry_after=wait)
    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        return NotReady(cause, retry_after=wait)
    return BadInput(cause) if answer.status_code < 500 else EngineDied(cause)
