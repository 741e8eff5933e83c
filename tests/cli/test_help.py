"""The help of every command and group ends with examples, each on a line of its own, that parse."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from lemmata.cli import COMMANDS, build


def commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    yield path, group
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, f"{path} {name}")


ALL = dict(commands(typer.main.get_command(build(COMMANDS)), "lemmata"))


@pytest.mark.parametrize("path", ALL)
def test_examples(path: str) -> None:
    epilog = ALL[path].epilog or ""
    assert "\n**Examples**\n\n    " in epilog, "Markdown would run other lines together"
    lines = re.findall(r"^    (.*lemmata .*)$", epilog, re.MULTILINE)
    assert lines
    for line in lines:
        words = shlex.split(line.split("|")[0])
        start = words.index("lemmata")
        named = next(p for p in _prefixes(words[start:]) if p in ALL)
        assert named != "lemmata", line


@pytest.mark.parametrize("path", ALL)
def test_every_option_is_explained(path: str) -> None:
    silent = [
        param.name
        for param in ALL[path].params
        if param.param_type_name == "option" and not param.help
    ]
    assert silent == []


def _prefixes(words: list[str]) -> Iterator[str]:
    """The longest first."""
    for count in range(len(words), 0, -1):
        yield " ".join(words[:count])
