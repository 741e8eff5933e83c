"""Cleaning: every row is kept, or dropped for one counted reason with its evidence.

`Cleaner.admit` judges rows one by one as they stream by; `Cleaner.settle` then finds the near
duplicates among those admitted. Checks of answers and derivations are handed in by the caller
(`verify.verify_math`, `verify.verify_steps`), since data and verification do not know each other.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lemmata.data import ngrams
from lemmata.data.examples import problem
from lemmata.data.languages import spoken
from lemmata.data.row import (
    ANSWER_ONLY,
    CONTAMINATED,
    EXACT_TWIN,
    OTHER_LANGUAGE,
    WRONG_ANSWER,
    WRONG_STEP,
    RowRefused,
    Sample,
)
from lemmata.data.tally import Tally
from lemmata.data.test_sets import Fingerprint, match
from lemmata.data.twins import Forest, Twins
from lemmata.types import Verdict

UNDECIDED = "answer undecided"
DISAGREE = "answers disagree"
MIXED = "answered in another language"

_ANSWER = re.compile(
    r"\\boxed\s*\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}|^####.*$"
    r"|(?:the\s+)?(?:final\s+)?answer\s*(?:is|:|=)[^\n]*|(?:最终|所以)?答案?\s*(?:是|为|:|：)[^\n]*",
    re.IGNORECASE | re.MULTILINE,
)
_OPERATION = re.compile(r"[=+×÷*/^<>≡≤≥]|\\(?:frac|times|cdot|div|binom|equiv|le|ge)\b|[\w)]\s*-")
_FEW_WORDS = 8


@dataclass(frozen=True, slots=True)
class Rules:
    """What is refused. `check_steps` gives the first wrong step of a derivation, or ""."""

    near: float = 0.8
    answer_only: Literal["drop", "flag"] = "drop"
    languages: tuple[str, ...] = ()
    """Languages that are kept; empty: all."""
    test_sets: tuple[Fingerprint, ...] = ()
    check_answer: Callable[[str, str], Verdict] | None = None
    check_steps: Callable[[str], str] | None = None

    def about(self) -> dict[str, Any]:
        """For the manifest."""
        return {
            "near": self.near,
            "answer_only": self.answer_only,
            "languages": list(self.languages),
            "test_sets": [test_set.name for test_set in self.test_sets],
            "answers_checked": self.check_answer is not None,
            "derivations_checked": self.check_steps is not None,
        }


def lacks_derivation(completion: str) -> bool:
    """A bare answer: without the phrases that announce it, hardly a word and no calculation.

    A program in a fence is what it is asked for, however short.
    """
    if "```" in completion:
        return False
    rest = _ANSWER.sub(" ", completion)
    return len(ngrams.tokens(rest)) < _FEW_WORDS and len(_OPERATION.findall(rest)) < 2


@dataclass(frozen=True, slots=True)
class Settled:
    """Of the rows admitted: the cluster each belongs to, and those that repeat an earlier one."""

    cluster: list[int]
    duplicate_of: dict[int, int]


class Cleaner:
    """Judges rows in the order they come; `tally` keeps the count.

    Rows of one origin (the `group` a row names, else its place in the file) stay in one cluster. A
    row that names its group is taken at its word: it is not compared for near duplicates.
    """

    def __init__(self, rules: Rules, tally: Tally) -> None:
        self._rules, self._tally = rules, tally
        self._seen: set[int] = set()
        self._golds: dict[int, int] = {}
        self._names: dict[str, int] = {}
        self._origins, self._compared = array("q"), array("q")
        self._twins = Twins(rules.near)

    def admit(self, sample: Sample) -> bool:
        """Whether the row is kept, so far. Rows admitted are numbered from 0."""
        example = sample.example
        try:
            words, written = ngrams.tokens(problem(example)), ngrams.tokens(example.completion)
            self._judge(sample, words, written)
        except RowRefused as refused:
            self._tally.drop(sample.place, refused.reason, refused.detail)
            return False
        self._remember(sample, words, written)
        return True

    def _judge(self, sample: Sample, words: Sequence[str], written: Sequence[str]) -> None:
        """Cheap checks first. Raises RowRefused."""
        example = sample.example
        self._answer_only(sample)
        self._language(sample)
        known = self._rules.test_sets
        if leak := match(known, words) or match(known, written):
            raise RowRefused(CONTAMINATED, leak)
        if ngrams.digest((*words, "\x1e", *written)) in self._seen:
            raise RowRefused(EXACT_TWIN)
        self._answer(sample, words)
        if self._rules.check_steps and (wrong := self._rules.check_steps(example.completion)):
            raise RowRefused(WRONG_STEP, wrong)

    def _answer_only(self, sample: Sample) -> None:
        if not lacks_derivation(sample.example.completion):
            return
        if self._rules.answer_only == "drop":
            raise RowRefused(ANSWER_ONLY, sample.example.completion[:60])
        self._tally.flag(sample.place, ANSWER_ONLY)

    def _language(self, sample: Sample) -> None:
        asked, told = spoken(problem(sample.example)), spoken(sample.example.completion)
        if self._rules.languages and asked not in self._rules.languages:
            raise RowRefused(OTHER_LANGUAGE, asked)
        program = sample.example.meta.get("task") == "code"
        if "none" not in (asked, told) and asked != told and not program:
            self._tally.flag(sample.place, MIXED)
        self._tally.languages[asked] += 1

    def _answer(self, sample: Sample, words: Sequence[str]) -> None:
        gold = sample.example.meta.get("gold")
        if gold is None:
            return
        if self._rules.check_answer:
            verdict = self._rules.check_answer(sample.example.completion, str(gold))
            if verdict.state == "incorrect":
                raise RowRefused(WRONG_ANSWER, f"gold is {gold}")
            if verdict.state != "correct":
                self._tally.flag(sample.place, UNDECIDED)
        value = ngrams.digest(str(gold).split())
        if self._golds.setdefault(ngrams.digest(words), value) != value:
            self._tally.flag(sample.place, DISAGREE)

    def _remember(self, sample: Sample, words: Sequence[str], written: Sequence[str]) -> None:
        self._seen.add(ngrams.digest((*words, "\x1e", *written)))
        group = sample.example.meta.get("group")
        name = f"group {group}" if group else sample.place
        origin = self._names.setdefault(name, len(self._names))
        if not group:
            self._compared.append(len(self._origins))
            self._twins.add(words, written, origin)
        self._origins.append(origin)

    def settle(self) -> Settled:
        """Clusters and near duplicates among all rows admitted."""
        found = self._twins.find()
        forest = Forest(len(self._names))
        for at, lead in enumerate(found.cluster.tolist()):
            forest.join(self._origin_of(at), self._origin_of(lead))
        cluster = [forest.root(origin) for origin in self._origins]
        compared = self._compared
        repeats = {compared[late]: compared[early] for late, early in found.duplicate_of.items()}
        return Settled(cluster, repeats)

    def _origin_of(self, compared: int) -> int:
        return self._origins[self._compared[compared]]
