"""The server against its own OpenAPI document, with requests nobody would think of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from lemmata.server.auth import Gate
from lemmata.server.state.database import open_database
from lemmata.server.state.keys import Keys
from lemmata.types import AdapterRef
from scripted import ScriptedEngine
from served import running

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"
REF = AdapterRef("counting", Path("counting"), "ab" * 32, "scripted", 8, 16.0)


@schemathesis.serializer("application/zip")
def raw(_: Any, value: Any) -> Any:
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    engine = ScriptedEngine(lambda request: "<think>1</think>\\boxed{2}"[: len(request.id) % 26])
    engine._adapters[REF.name] = REF
    home = tmp_path_factory.mktemp("home")
    keys = Keys(open_database(f"sqlite:///{home}/lemmata.db"))
    with running(engine, home, Gate(keys)) as server:
        server.http.headers["Authorization"] = f"Bearer {keys.add('all', 'admin')}"
        schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
        # A text drawn to be too long for its field may make the whole request too large.
        rejection = schema.config.checks.negative_data_rejection
        rejection.expected_statuses = [*rejection.expected_statuses, "413"]
        yield schema, server.http.headers


def operations() -> list[tuple[str, str]]:
    paths = json.loads(DOCUMENT.read_text("utf-8"))["paths"]
    return [
        (path, method.upper(), mode)
        for path, methods in paths.items()
        for method, operation in methods.items()
        for mode in GenerationMode
        if mode == GenerationMode.POSITIVE
        or "application/json" in operation.get("requestBody", {}).get("content", {})
    ]


@pytest.mark.parametrize(("path", "method", "mode"), operations())
def test_no_fault_and_nothing_undocumented(
    document: Any, path: str, method: str, mode: GenerationMode
) -> None:
    schema, headers = document
    key = {"Authorization": headers["Authorization"]}

    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    def holds(case: Any) -> None:
        if mode == GenerationMode.POSITIVE and isinstance(case.body, dict) and "model" in case.body:
            case.body["model"] = case.body["model"] and "scripted"  # not 404 after 404
        # A schema cannot say that a role must exist or that a blank question asks nothing.
        case.call_and_validate(excluded_checks=[positive_data_acceptance], headers=key)

    holds()
