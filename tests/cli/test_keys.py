"""`lemmata keys` and `lemmata state`, as a person types them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]


def test_a_key_with_limits_is_made_listed_and_taken_back(lemmata: Run) -> None:
    made = lemmata("keys", "add", "class", "--rate", "60", "--sequences", "4", "--tokens", "1000")
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("lm-")
    listed = json.loads(lemmata("keys", "list", "--json").stdout)["keys"]
    assert [(k["name"], k["scope"], k["requests_per_minute"], k["tokens_per_day"])
            for k in listed] == [("class", "infer", 60, 1000)]  # fmt: skip
    assert lemmata("keys", "add", "x", "--scope", "all").returncode == 2
    assert lemmata("keys", "remove", "class").returncode == 0
    assert lemmata("keys", "remove", "class").returncode == 2


def test_the_database_is_checked_and_copied(lemmata: Run, tmp_path: Path) -> None:
    assert lemmata("state", "check").returncode == 2  # there is none yet
    lemmata("keys", "add", "laptop")
    checked = lemmata("state", "check", "--json")
    assert checked.returncode == 0, checked.stderr
    found = json.loads(checked.stdout)
    assert found["problems"] == []
    assert found["rows"]["api_keys"] == 1
    copy = tmp_path / "copy.db"
    assert lemmata("state", "backup", str(copy)).stdout.strip() == str(copy)
    assert lemmata("state", "backup", str(copy)).returncode == 2
    copied = {"LEMMATA_DATABASE": f"sqlite:///{copy}"}
    assert (
        json.loads(lemmata("state", "check", "--json", env=copied).stdout)["rows"] == found["rows"]
    )
    copy.write_bytes(b"no database" * 1000)
    assert lemmata("state", "check", env=copied).returncode == 1
