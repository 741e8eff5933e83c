"""Small talk is told from problems; the full benchmarks are measured by bench/domain.py."""

import json
from pathlib import Path

import pytest

import lemmata
from lemmata.prompts.domain import classify, notice

FIELDS = ("problem", "question", "en", "zh")
SETS = json.loads((Path(__file__).parent / "domain.json").read_text("utf-8"))


@pytest.mark.parametrize("text", SETS["small talk"])
def test_small_talk(text: str) -> None:
    assert classify(text) == "small talk"


@pytest.mark.parametrize("text", SETS["general knowledge"])
def test_general_knowledge(text: str) -> None:
    assert classify(text) == "general knowledge"


@pytest.mark.parametrize("text", SETS["problem"])
def test_problems_are_never_turned_away(text: str) -> None:
    assert classify(text) == "problem"


def test_the_notice_speaks_the_users_language() -> None:
    assert "推理模型" in notice("你好")
    assert "reasoning model" in notice("Hello!")


def test_a_problem_in_polite_words_is_a_problem() -> None:
    assert classify("Hello! Please tell me what 6 times 7 is. Thanks a lot!") == "problem"


EXTRACTS = Path(lemmata.__file__).parent / "eval" / "benchmarks" / "extracts"


@pytest.mark.parametrize("path", sorted(EXTRACTS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_no_benchmark_item_is_turned_away(path: Path) -> None:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    texts = [row[field] for row in rows for field in FIELDS if field in row]
    assert texts
    assert [text for text in texts if classify(text) != "problem"] == []
