"""What a start does not wait for."""

from __future__ import annotations

import subprocess
import sys

LATER = ("alembic", "sqlalchemy", "sympy", "math_verify", "torch", "transformers", "llama_cpp")


def test_what_a_first_answer_does_not_need_is_not_imported() -> None:
    code = (
        "import sys, lemmata.cli.serve, lemmata.engines.llama, lemmata.models.store\n"
        "import lemmata.server.run\n"
        f"print(*(name for name in {LATER} if name in sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == []
