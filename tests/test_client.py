"""The typed client against the OpenAPI document and against a running server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from lemmata.client import Client
from lemmata.errors import BadInput, NotReady
from scripted import ScriptedEngine
from served import running

DOCUMENT = json.loads(
    (Path(__file__).parents[1] / "docs" / "reference" / "openapi.json").read_text("utf-8")
)


class Recorded(Exception):
    pass


CALLS: dict[str, Any] = {
    "models": lambda c: c.models(),
    "solve": lambda c: c.solve("x", votes=2, model="m", role="math", gold="1", seed=1),
    "solve_events": lambda c: list(c.solve_events("x")),
    "complete": lambda c: c.complete("a.py", "# TODO: f", line=1),
    "complete_events": lambda c: list(c.complete_events("a.py", "# TODO: f")),
    "verify_math": lambda c: c.verify_math("1", "1"),
    "verify_steps": lambda c: c.verify_steps("1", "1"),
    "verify_code": lambda c: c.verify_code("1", [], language="python"),
    "run": lambda c: c.run("1", "2"),
    "adapters": lambda c: c.adapters(),
    "upload_adapter": lambda c: c.upload_adapter("name", Path(__file__)),
    "remove_adapter": lambda c: c.remove_adapter("name"),
    "upload_data": lambda c: c.upload_data(Path(__file__)),
    "check_data": lambda c: c.check_data("id", max_tokens=64),
    "prepare_data": lambda c: c.prepare_data("id", split=0.1),
    "plan": lambda c: c.plan({}, precision="bf16"),
    "train": lambda c: c.train({}),
    "evaluate": lambda c: c.evaluate("counting", limit=2, adapters=["base"]),
    "evaluation": lambda c: c.evaluation("name"),
    "job": lambda c: c.job("id"),
    "watch": lambda c: list(c.watch("id")),
    "stop": lambda c: c.stop("id"),
    "resume": lambda c: c.resume("id"),
    "serve": lambda c: c.serve("id", "name"),
}


def operation(method: str, path: str) -> Any:
    for declared, methods in DOCUMENT["paths"].items():
        if re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", declared), path) and method in methods:
            return methods[method]
    raise AssertionError(f"{method} {path} is not in the document")


@pytest.mark.parametrize("name", CALLS)
def test_every_call_is_one_of_the_document(name: str) -> None:
    seen: list[httpx.Request] = []

    def record(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        raise Recorded

    client = Client("http://server")
    client._http = httpx.Client(base_url="http://server", transport=httpx.MockTransport(record))
    with pytest.raises(Recorded):
        CALLS[name](client)
    found = operation(seen[0].method.lower(), seen[0].url.path)
    if seen[0].headers.get("content-type") == "application/json":
        form = found["requestBody"]["content"]["application/json"]["schema"]
        fields = DOCUMENT["components"]["schemas"][form["$ref"].rsplit("/", 1)[-1]]["properties"]
        assert set(json.loads(seen[0].content)) <= set(fields)


def test_no_call_is_left_out() -> None:
    public = {name for name in vars(Client) if not name.startswith("_")}
    assert public - {"wait"} == set(CALLS)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    engine = ScriptedEngine(["1 + 1 = 2. \\boxed{2}"])
    with running(engine, tmp_path) as server, Client(server.url) as client:
        yield client


def test_a_problem_is_solved_whole_and_as_it_is_written(client: Client) -> None:
    assert client.models() == ["scripted"]
    assert client.solve("1 + 1?", gold="2")["verdict"]["state"] == "correct"
    events = list(client.solve_events("1 + 1?"))
    assert events[-1].name == "solution"
    assert "".join(e.data["text"] for e in events if e.name == "piece") == "1 + 1 = 2. \\boxed{2}"


def test_refusals_are_the_errors_they_are(client: Client) -> None:
    with pytest.raises(BadInput, match="votes"):
        client.solve("1 + 1?", votes=0)
    with pytest.raises(BadInput, match="no job"):
        client.job("0" * 32)
    with pytest.raises(BadInput, match="no model"):
        list(client.solve_events("1 + 1?", model="other"))


def test_a_server_that_still_loads_says_when_to_come_back(tmp_path: Path) -> None:
    with (
        running(None, tmp_path) as loading,
        Client(loading.url) as early,
        pytest.raises(NotReady) as told,
    ):
        early.solve("1 + 1?")
    assert told.value.retry_after == 1
