"""An adapter is asked as it was taught."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from lemmata.prompts import policy
from lemmata.solve.role import messages, of_adapter
from lemmata.types import AdapterRef

COUNTING = Path(__file__).parents[2] / "examples" / "adapters" / "counting"
REF = AdapterRef("counting", COUNTING, "ab" * 32, "base", 8, 16.0)


def test_the_role_of_the_recipe() -> None:
    assert of_adapter("counting", (REF,)) == "combinatorics"


def test_what_tells_none_has_none(tmp_path: Path) -> None:
    assert of_adapter(None, (REF,)) is None
    assert of_adapter("other", (REF,)) is None
    assert of_adapter("counting", (replace(REF, path=tmp_path),)) is None


def test_a_role_that_is_not_shipped_is_not_used(tmp_path: Path) -> None:
    recipe = {"format": 1, "recipe": {"role": "../../secret"}}
    (tmp_path / "lemmata.json").write_text(json.dumps(recipe), encoding="utf-8")
    assert of_adapter("counting", (replace(REF, path=tmp_path),)) is None


def test_an_adapter_is_framed_as_in_training_unless_a_policy_is_named() -> None:
    trained = policy.load(policy.AS_TRAINED).apply("求 1+1", "math", "math")
    assert messages("求 1+1", "math", "math", "counting", None) == trained
    default = policy.load(policy.DEFAULT).apply("求 1+1", "math", "math")
    assert messages("求 1+1", "math", "math", None, None) == default != trained
    assert messages("求 1+1", "math", "math", "counting", policy.DEFAULT) == default
