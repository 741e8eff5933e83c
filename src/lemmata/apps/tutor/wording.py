"""The tutor's words: comments and four levels of hints, filled from a finding.

A hint has 80 to 160 words, or 100 to 260 Chinese characters, which take about as long to read.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any, Literal

from lemmata.apps.tutor.counterexample import Contrast
from lemmata.apps.tutor.finding import Finding

Language = Literal["en", "zh"]
SHORTEST = {"en": 80, "zh": 100}
LONGEST = {"en": 160, "zh": 260}
_SHOWN = 160
"""Characters of a value in a comment."""
_BRIEF = 40
"""And in a hint, which has a length of its own to keep."""
_TRACED = 4
"""Variables that a hint names."""


def comment(finding: Finding, function: str, language: Language) -> str:
    """One line, to stand beside the line of the program."""
    template = str(_words(language)["natures"][finding.nature]["comment"])
    return template.format_map(_Filled(_facts(finding, function)))


def hint(finding: Finding, function: str, language: Language, level: int) -> str:
    """The hint of a level, 1 (think about) to 4 (how to mend it, in words)."""
    words = _words(language)
    own = words["natures"][finding.nature]
    if finding.contrast is None and level > 1:
        opening, close = _where(finding, words), words["levels"]["words"]["close"]
        middle = [own["comment"], own["look" if level < 4 else "idea"]]
    else:
        common = words["levels"][str(level)]
        opening = common["nowhere"] if level == 3 and not finding.line else common["open"]
        middle, close = _middle(finding, words, level), common["close"]
    return _joined([opening, *middle, close], _facts(finding, function, _BRIEF), language)


def of_derivation(nature: str, facts: dict[str, str], language: Language) -> str:
    """One line, to stand beside the line of the derivation."""
    own = _words(language)["mathematics"]["natures"][nature]
    return str(own["comment"]).format_map(_Filled(facts))


def hint_of_derivation(nature: str, facts: dict[str, str], language: Language, level: int) -> str:
    """The hint of a level for a derivation; the levels are those of `hint`."""
    words = _words(language)["mathematics"]
    common, own = words["levels"][str(level)], words["natures"][nature]
    opening = (
        common["open"] if nature == "wrong-step" else common.get("open_answer", common["open"])
    )
    middle = own["idea" if level == 4 else "look"] if level in (1, 4) else ""
    short = facts | {"said": _cut(facts["said"], 60)}
    return _joined([opening, middle, common["close"]], short, language)


def call_of(contrast: Contrast, function: str, most: int = _SHOWN) -> str:
    """The call that shows a mistake, as a student would write it."""
    return f"{function}({', '.join(_cut(repr(value), most) for value in contrast.args)})"


def example_of(finding: Finding, function: str) -> str:
    """What shows a mistake, in a few words of code; empty where it needs no input."""
    contrast = finding.contrast
    return f"{call_of(contrast, function)} → {_cut(contrast.seen.shown())}" if contrast else ""


def length(text: str, language: Language) -> int:
    """Words, or Chinese characters with each run of Latin letters or digits counted as one."""
    if language == "en":
        return len(text.split())
    return len(re.findall(r"[\u4e00-\u9fff]|[A-Za-z0-9_]+", text))


def _joined(sentences: list[str], facts: dict[str, str], language: Language) -> str:
    joint = "" if language == "zh" else " "
    return joint.join(filter(None, sentences)).format_map(_Filled(facts))


class _Filled(dict[str, str]):
    """A dash where a finding has no such fact."""

    def __missing__(self, key: str) -> str:
        return "–"


def _facts(finding: Finding, function: str, most: int = _SHOWN) -> dict[str, str]:
    facts = {"line": str(finding.line), **finding.facts}
    contrast = finding.contrast
    if contrast:
        last = contrast.seen.moments[-1].variables if contrast.seen.moments else {}
        facts |= {
            "call": f"`{call_of(contrast, function, most)}`",
            "expected": f"`{_cut(contrast.expected.shown(), most)}`",
            "observed": f"`{_cut(contrast.seen.shown(), most)}`",
            "trace": ", ".join(
                f"{name} = {_cut(shown, most)}" for name, shown in list(last.items())[:_TRACED]
            ),
        }
    return {name: _cut(fact, 4 * most) for name, fact in facts.items()}


def _middle(finding: Finding, words: dict[str, Any], level: int) -> list[str]:
    common, own = words["levels"][str(level)], words["natures"][finding.nature]
    if level == 1:
        return [own["look"]]
    if level == 2:
        return [common[_ending(finding)]]
    if level == 3:
        moments = finding.contrast.seen.moments if finding.contrast else ()
        return [common["traced"]] if moments and moments[-1].variables else []
    return [_where(finding, words), own["idea"]]


def _ending(finding: Finding) -> str:
    seen = finding.contrast.seen if finding.contrast else None
    if seen is None or seen.spent or seen.killed == "TLE":
        return "endless"
    return "failed" if seen.raised or seen.killed else "given"


def _where(finding: Finding, words: dict[str, Any]) -> str:
    return str(words["levels"]["words"]["place"]) if finding.line else ""


def _cut(text: str, most: int = _SHOWN) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


@cache
def _words(language: Language) -> dict[str, Any]:
    path = resources.files("lemmata.apps.tutor") / "words" / f"{language}.toml"
    return tomllib.loads(path.read_text("utf-8"))
