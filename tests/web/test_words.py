"""Chinese and English in parity, and nothing in the page that could run what a model writes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import lemmata
from lemmata.types import VerdictState

WEB = Path(lemmata.__file__).parent / "web"


def texts() -> dict[str, dict[str, str]]:
    source = (WEB / "words.js").read_text("utf-8")
    blocks = re.findall(r"^  (\w\w): \{\n(.*?)^  \},", source, re.MULTILINE | re.DOTALL)
    return {
        language: dict(re.findall(r'^    (\w+): "(.*)",$', block, re.MULTILINE))
        for language, block in blocks
    }


def test_both_languages_say_the_same_things() -> None:
    found = texts()
    assert set(found) == {"en", "zh"}
    assert list(found["en"]) == list(found["zh"])
    for key, english in found["en"].items():
        holes = re.findall(r"\{\w+\}", english)
        assert re.findall(r"\{\w+\}", found["zh"][key]) == holes


def test_every_text_that_is_asked_for_exists() -> None:
    page = (WEB / "index.html").read_text("utf-8")
    script = (WEB / "app.js").read_text("utf-8")
    asked = set(re.findall(r'data-say="(\w+)"', page)) | set(re.findall(r'say\("(\w+)"\)', script))
    assert asked | set(get_args(VerdictState)) == set(texts()["en"])


def test_nothing_is_written_as_markup() -> None:
    for path in WEB.glob("*.js"):
        source = path.read_text("utf-8")
        for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert sink not in source, f"{sink} in {path.name}"


def test_the_page_loads_nothing_from_elsewhere() -> None:
    for path in WEB.iterdir():
        assert not re.search(r"(https?:)?//[a-z]", path.read_text("utf-8").replace("// ", "")), path
