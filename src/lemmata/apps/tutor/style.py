"""Style comments: ruff's, never imagined."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

from lemmata.errors import EnvironmentMissing, MissingExtra

RULES = "E7,F,B,C4,C90,N8,PERF,PIE,PLR1714,RET5,SIM,UP"
"""What a beginner can learn from; not line lengths, imports or anything about types."""
TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class StyleComment:
    line: int
    rule: str
    message: str


def check(source: str) -> list[StyleComment]:
    """What ruff says of a program, which it only reads. Raises MissingExtra."""
    command = [
        sys.executable, "-m", "ruff", "check", "--isolated", "--quiet", "--no-cache", "--exit-zero",
        "--select", RULES, "--target-version", "py311", "--output-format", "json",
        "--stdin-filename", "submission.py", "-",
    ]  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command; the program goes in as text
            command, input=source, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return []
    if "No module named ruff" in done.stderr:
        raise MissingExtra("ruff", "tutor")
    try:
        rows = json.loads(done.stdout or "[]")
    except ValueError:
        raise EnvironmentMissing(f"ruff does not work here: {done.stderr[:120]}") from None
    return [
        StyleComment(int(row["location"]["row"]), str(row["code"]), str(row["message"]))
        for row in rows
        if row.get("code") and not str(row["code"]).startswith("invalid")
    ]
