"""The tutor's words: comments and four levels of hints, filled from a finding.

A hint has 80 to 160 words, or 100 to 260 Chinese characters, which take about as long to read.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any, Literal

from lemmata.apps.tutor.exercise import Exercise, cut
from lemmata.apps.tutor.finding import Finding
from lemmata.apps.tutor.probing import Seen

Language = Literal["en", "zh"]
SHORTEST = {"en": 80, "zh": 100}
LONGEST = {"en": 160, "zh": 260}
_SHOWN = 160
"""Characters of a value in a comment."""
_BRIEF = 40
"""And in a hint, which has a length of its own to keep."""
_TRACED = 4
"""Variables that a hint names."""


def comment(finding: Finding, exercise: Exercise, language: Language) -> str:
    """One line, to stand beside the line of the program."""
    template = str(_words(language)["natures"][finding.nature]["comment"])
    return template.format_map(_Filled(_facts(finding, exercise, language)))


def hint(finding: Finding, exercise: Exercise, language: Language, level: int) -> str:
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
    return _joined([opening, *middle, close], _facts(finding, exercise, language, _BRIEF), language)


def of_derivation(nature: str, facts: dict[str, str], language: Language) -> str:
    """One line, to stand beside the line of the derivation."""
    own = _words(language)["mathematics"]["natures"][nature]
    told = facts | {"reason": _retold(facts["reason"], language)}
    return str(own["comment"]).format_map(_Filled(told))


def _retold(reason: str, language: Language) -> str:
    """What the checker of steps says, in the language; as it came where it has no form for it."""
    for form, said in _words(language)["mathematics"]["reasons"].items():
        match = re.fullmatch(form, reason, re.DOTALL)
        if match:
            return str(said).format(*match.groups())
    return reason


def hint_of_derivation(nature: str, facts: dict[str, str], language: Language, level: int) -> str:
    """The hint of a level for a derivation; the levels are those of `hint`."""
    words = _words(language)["mathematics"]
    common, own = words["levels"][str(level)], words["natures"][nature]
    opening = (
        common["open"] if nature == "wrong-step" else common.get("open_answer", common["open"])
    )
    middle = own["idea" if level == 4 else "look"] if level in (1, 4) else ""
    short = facts | {"said": cut(facts["said"], 60)}
    return _joined([opening, middle, common["close"]], short, language)


def example_of(finding: Finding, exercise: Exercise) -> str:
    """What shows a mistake, in a few words of code; empty where it needs no input."""
    contrast = finding.contrast
    if contrast is None:
        return ""
    return f"{exercise.call(contrast.args, _SHOWN)} → {cut(shown(contrast.seen, exercise), _SHOWN)}"


def shown(seen: Seen, exercise: Exercise) -> str:
    """A value, or what a program wrote with ⏎ between its lines, or how it ended."""
    if exercise.style == "stdin" and seen.returned:
        return str(seen.value).replace("\n", " ⏎ ")
    return seen.shown()


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


def _facts(
    finding: Finding, exercise: Exercise, language: Language, most: int = _SHOWN
) -> dict[str, str]:
    facts = {"line": str(finding.line), **finding.facts}
    contrast = finding.contrast
    if contrast:
        last = contrast.seen.moments[-1].variables if contrast.seen.moments else {}
        facts |= {
            "call": f"`{exercise.call(contrast.args, most)}`",
            "expected": f"`{cut(shown(contrast.expected, exercise), most)}`",
            "observed": f"`{cut(shown(contrast.seen, exercise), most)}`",
            "trace": ", ".join(
                f"{name} = {cut(shown, most)}" for name, shown in list(last.items())[:_TRACED]
            ),
        }
    facts = {name: cut(fact, 4 * most) for name, fact in facts.items()}
    if finding.nature == "no-base-case" and "chain" not in facts:
        facts["chain"] = str(_words(language)["parts"]["stack"])
    still = str(_words(language)["parts"]["still"]) if facts.get("still") else ""
    return facts | {"unchanged": still.format_map(_Filled(facts))}


def _middle(finding: Finding, words: dict[str, Any], level: int) -> list[str]:
    common, own = words["levels"][str(level)], words["natures"][finding.nature]
    if level == 1:
        return [own["look"]]
    if level == 2:
        return [common[_ending(finding)]]
    if level == 3:
        moments = finding.contrast.seen.moments if finding.contrast else ()
        return [common["traced" if moments and moments[-1].variables else "untraced"]]
    return [_where(finding, words), own["idea"]]


def _ending(finding: Finding) -> str:
    seen = finding.contrast.seen if finding.contrast else None
    if seen is None or seen.spent or seen.killed == "TLE":
        return "endless"
    return "failed" if seen.raised or seen.killed else "given"


def _where(finding: Finding, words: dict[str, Any]) -> str:
    return str(words["levels"]["words"]["place"]) if finding.line else ""


@cache
def _words(language: Language) -> dict[str, Any]:
    path = resources.files("lemmata.apps.tutor") / "words" / f"{language}.toml"
    return tomllib.loads(path.read_text("utf-8"))
