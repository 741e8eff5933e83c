"""The real command in a process of its own, with a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEMMATA_")}
    return {**kept, "LEMMATA_HOME": str(tmp_path / "home"), "COLUMNS": "100", "NO_COLOR": "1"}


@pytest.fixture
def lemmata(environment: dict[str, str]) -> Run:
    def run(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        extra = options.pop("env", {})
        return subprocess.run(
            [sys.executable, "-m", "lemmata", *words],
            env={**environment, **extra},
            capture_output=True,
            text=True,
            timeout=60,
            **options,
        )

    return run
