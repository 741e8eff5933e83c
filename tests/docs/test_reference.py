"""The reference is generated; these fail when it is not generated again after a change."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
AGAIN = "run: python docs/reference/generate.py"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", REFERENCE / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_command_line(generate: ModuleType) -> None:
    assert (REFERENCE / "cli.md").read_text("utf-8") == generate.cli(), AGAIN


def test_the_python_api(generate: ModuleType) -> None:
    assert (REFERENCE / "python.md").read_text("utf-8") == generate.python(), AGAIN


def test_the_openapi_document(generate: ModuleType) -> None:
    assert (REFERENCE / "openapi.json").read_text("utf-8") == generate.openapi(), AGAIN


def test_every_command_shows_examples(generate: ModuleType) -> None:
    sections = generate.cli().split("\n## ")[1:]
    assert sections
    for section in sections:
        assert "Examples" in section, section.splitlines()[0]
