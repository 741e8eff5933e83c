"""The log's two forms: ours in full, libraries only where something is wrong."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

SAY = """
import logging
from lemmata.server import log
log.begin({form!r})
logging.getLogger("lemmata.server").info("served", extra={{"fields": {{"tokens": 3}}}})
logging.getLogger("some.library").info("chatter")
logging.getLogger("some.library").warning("trouble")
"""


def told(form: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SAY.format(form=form)], capture_output=True, text=True, check=True
    )
    return done.stderr.splitlines()


def test_a_json_object_a_line() -> None:
    first, second = (json.loads(line) for line in told("json"))
    assert (first["level"], first["message"], first["tokens"]) == ("info", "served", 3)
    assert (second["level"], second["message"]) == ("warning", "trouble")


@pytest.mark.parametrize(("at", "end"), [(0, "INFO served"), (1, "WARNING trouble")])
def test_a_line_for_people(at: int, end: str) -> None:
    lines = told("text")
    assert len(lines) == 2
    assert lines[at].endswith(end)
