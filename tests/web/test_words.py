"""Chinese and English in parity, and nothing in the page that could run what a model writes."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

import lemmata
from lemmata.data.tasks import FAMILIES
from lemmata.eval import benchmark
from lemmata.train.recipe import Recipe
from lemmata.types import VerdictState

WEB = Path(lemmata.__file__).parent / "web"
PUT_TOGETHER = (
    "state_",
    "by_",
    "letter_",
    "nature_",
    "kind_",
    "check_",
    "subject_",
    "method_",
    "recipe_",
)
"""Begins of names whose rest comes from the server."""
FIRST_LOAD = 150 * 1024
"""Bytes, gzipped, of all that a first question needs; fonts come as formulas need them."""


def own(ending: str) -> Iterator[Path]:
    """The page's own files, without the libraries."""
    return (path for path in WEB.rglob(f"*.{ending}") if "vendor" not in path.parts)


PARTS = sorted(path for path in (WEB / "words").glob("*.js") if path.stem not in ("en", "zh"))
"""Texts that come with a tab of their own, both languages in one file."""


def texts(language: str) -> dict[str, str]:
    """All texts of a language, by name; none has a name that another one has."""
    sources = [(WEB / "words" / f"{language}.js").read_text("utf-8")]
    for path in PARTS:
        inside = re.search(
            rf"^  {language}: {{\n(.*?)^  }},$", path.read_text("utf-8"), re.M | re.S
        )
        assert inside, path
        sources.append(inside[1])
    found = [re.findall(r'^ +(\w+): "(.*)",$', source, re.MULTILINE) for source in sources]
    pairs = [pair for each in found for pair in each]
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def test_both_languages_say_the_same_things() -> None:
    english, chinese = texts("en"), texts("zh")
    assert list(english) == list(chinese)
    for key, text in english.items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(
            re.findall(r"\{\w+\}", chinese[key])
        ), key


def test_every_field_of_a_recipe_is_explained_in_both_languages() -> None:
    """What the form leaves out is named in `recipe.js`."""
    source = (WEB / "recipe.js").read_text("utf-8")
    elsewhere = re.search(r"const ELSEWHERE = \[(.*)\];", source)
    assert elsewhere
    left_out = set(re.findall(r'"(\w+)"', elsewhere[1]))
    asked = {field.name for field in fields(Recipe)} - left_out
    assert {f"recipe_{name}" for name in asked} <= set(texts("zh"))


def test_every_family_and_benchmark_has_a_chinese_title() -> None:
    source = (WEB / "titles.js").read_text("utf-8")
    told = re.findall(r'^  "?([\w-]+)"?: ".*[\u4e00-\u9fff].*",$', source, re.MULTILINE)
    assert sorted(told) == sorted([*FAMILIES, *benchmark.names()])


def test_every_text_that_is_asked_for_exists_and_none_is_idle() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in [*own("js"), *own("html")])
    asked = set(re.findall(r'data-(?:say|label|hole)"?[:=]\s*"(\w+)"', sources))
    asked |= set(re.findall(r'\bsay\("(\w+)"', sources))
    known = set(texts("en"))
    assert asked <= known
    words = "\n".join(
        path.read_text("utf-8") for path in own("js") if path.parent.name != "words"
    ) + "\n".join(path.read_text("utf-8") for path in own("html"))
    put_together = {name for name in known if name.startswith(PUT_TOGETHER)}
    rest = known - asked - put_together
    idle = {name for name in rest if not re.search(rf"\b{name}\b", words)}
    assert idle <= set(get_args(VerdictState))
    assert set(get_args(VerdictState)) <= known


@pytest.mark.parametrize(
    "sink",
    ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
     "setTimeout(\"", "javascript:"],
)  # fmt: skip
def test_nothing_is_written_as_markup_or_run(sink: str) -> None:
    for path in own("js"):
        assert sink not in path.read_text("utf-8"), path.name


def test_the_page_loads_nothing_from_elsewhere() -> None:
    for ending in ("js", "html", "css"):
        for path in own(ending):
            text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
            assert not re.search(r"""["'(](https?:)?//[a-z]""", text), path


def test_no_style_or_script_stands_inline() -> None:
    page = (WEB / "index.html").read_text("utf-8")
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", page)


def loaded(path: Path, seen: set[Path]) -> set[Path]:
    """A module and all that it imports at once."""
    if path not in seen:
        seen.add(path)
        for name in re.findall(r'^import .*"(\..*)";$', path.read_text("utf-8"), re.MULTILINE):
            loaded((path.parent / name).resolve(), seen)
    return seen


def test_the_first_load_is_small() -> None:
    page = (WEB / "index.html").read_text("utf-8")
    styles = re.findall(r'href="/page/(\S+\.(?:css|svg))"', page)
    assert len(styles) >= 3
    first = {WEB / "index.html", *(WEB / name for name in styles)}
    loaded(WEB / "app.js", first)
    loaded(WEB / "tabs" / "solve.js", first)
    first |= {WEB / "vendor" / name for name in
              ("katex.min.js", "katex.min.css", "marked.esm.js", "purify.min.js")}  # fmt: skip
    assert {path.name for path in first} >= {"dom.js", "derivation.js", "en.js", "zh.js"}
    assert sum(len(gzip.compress(path.read_bytes())) for path in first) <= FIRST_LOAD


def test_each_library_has_its_licence() -> None:
    table = (WEB / "vendor" / "README.md").read_text("utf-8")
    for path in (WEB / "vendor").glob("*.js"):
        assert path.name in table
    for name in ("katex", "dompurify", "marked", "uplot"):
        assert (WEB / "vendor" / f"{name}.LICENSE.txt").stat().st_size > 500
