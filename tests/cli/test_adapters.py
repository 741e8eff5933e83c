"""`lemmata adapters` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

COUNTING = Path(__file__).parents[2] / "examples" / "adapters" / "counting"


def test_the_shipped_example_is_listed_and_shown(lemmata) -> None:
    assert lemmata("adapters", "list").stdout.split()[0] == "counting"
    (shipped,) = json.loads(lemmata("adapters", "list", "--json").stdout)
    shown = json.loads(lemmata("adapters", "show", "counting", "--json").stdout)
    assert {key: shown[key] for key in shipped} == shipped
    assert shown["about"]["base"] == "HuggingFaceTB/SmolLM2-135M-Instruct"


def test_a_registered_one_of_its_name_hides_it(lemmata) -> None:
    assert lemmata("adapters", "add", str(COUNTING)).returncode == 0
    assert len(lemmata("adapters", "list").stdout.splitlines()) == 1
    assert lemmata("adapters", "remove", "counting").returncode == 0
    assert lemmata("adapters", "list").stdout.split()[0] == "counting"


def test_a_folder_that_is_no_adapter_says_what_one_is(lemmata, tmp_path: Path) -> None:
    done = lemmata("adapters", "add", str(tmp_path))
    assert done.returncode == 2
    assert done.stdout == ""
    assert "An adapter is a folder with adapter_config.json and" in done.stderr
