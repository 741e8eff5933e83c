"""Votes replayed from kept samples: the same `Ballot`, the samples' own tokens, step by step."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import vote_samples as samples

from lemmata.engines.base import Delta
from lemmata.solve import Candidate
from lemmata.solve.run import LAGGING
from lemmata.solve.sample import Sample, checked
from lemmata.solve.vote import Ballot
from lemmata.solve.weights import ALIKE, BY_STEPS, DOUBT, TRUST, Scale, weight
from lemmata.verify import verify_math
from lemmata.verify.following import Follower

Weigh = Callable[[Candidate], float]


@dataclass(frozen=True)
class Item:
    problem: str
    gold: str
    greedy: Candidate
    drawn: tuple[Candidate, ...]
    wrong_at: tuple[int | None, ...]
    """Of each drawn one, the tokens after which a step of it is seen to be wrong."""


@dataclass(frozen=True)
class Outcome:
    """Of one problem: whether it was right, completion tokens, derivations begun, and the steps of
    the longest lane, which is what a batch takes."""

    right: bool
    tokens: int
    begun: int
    steps: int


def same(first: str, second: str) -> bool:
    return verify_math(first, second).state == "correct"


def plain(_: Candidate) -> float:
    return 1.0


def by_steps(candidate: Candidate, trust: float = TRUST, doubt: float = DOUBT) -> float:
    return weight(candidate.fails, candidate.coverage, trust, doubt)


def load(family: str, name: str) -> list[Item]:
    rows = map(json.loads, (samples.FOLDER / f"{family}.jsonl").read_text("utf-8").splitlines())
    return [_item(row) for row in rows if row["set"] == name]


def _item(row: dict[str, Any]) -> Item:
    made = [_candidate(i - 1, one, row["problem"]) for i, one in enumerate(row["samples"])]
    wrong_at = tuple(_wrong_at(one, row["problem"]) for one in made[1:])
    return Item(row["problem"], row["gold"], made[0], tuple(made[1:]), wrong_at)


def _wrong_at(candidate: Candidate, problem: str) -> int | None:
    """A line is read when it has ended; a token is taken to be as long as the others."""
    text, follower = candidate.derivation, Follower(problem)
    for match in re.finditer(r"\n", text):
        if follower.wrong(text[: match.end()]) is not None:
            return max(1, round(candidate.tokens * match.end() / len(text)))
    return None


def _candidate(index: int, one: dict[str, Any], problem: str) -> Candidate:
    sample = Sample(index, inside=False)
    sample.add(Delta("", one["text"], one["tokens"], 0, one["end"]))
    return checked(sample.candidate(one["end"]), problem, weighted=False)


# Strategies


def greedy(item: Item) -> Outcome:
    tokens = item.greedy.tokens
    return Outcome(right(item.greedy.answer, item.gold), tokens, 1, tokens)


def majority(item: Item, votes: int, weigh: Weigh = plain) -> Outcome:
    """All of the first `votes` samples."""
    ballot = Ballot(votes, same, scale=_scale(weigh))
    for candidate in item.drawn[:votes]:
        _cast(ballot, candidate, weigh)
    tokens = [candidate.tokens for candidate in item.drawn[:votes]]
    return Outcome(right(_leader(ballot), item.gold), sum(tokens), votes, max(tokens))


def _scale(weigh: Weigh) -> Scale:
    return ALIKE if weigh is plain else BY_STEPS


def _cast(ballot: Ballot, candidate: Candidate, weigh: Weigh) -> None:
    passed = weigh is plain or not candidate.fails
    ballot.add(candidate.sample, candidate.answer, weigh(candidate), passed=passed)


def early(item: Item, confidence: float | None, weigh: Weigh = plain) -> Outcome:
    """As `lemmata.solve.run` does it, 16 votes at most."""
    ballot = Ballot(len(item.drawn), same, confidence, _scale(weigh))
    pruned = weigh is not plain
    waiting, lanes, now = list(item.drawn), {}, 0
    finished: list[Candidate] = []
    while not ballot.decided:
        brisk = sum(not _lags(now - began, finished) for began in lanes.values())
        for candidate in waiting[: max(ballot.wanted - brisk, 0)]:
            lanes[candidate.sample] = now
        del waiting[: max(ballot.wanted - brisk, 0)]
        others = len(lanes) > 1 or waiting or any(candidate.answer for candidate in finished)
        now, done = _next(item, lanes, now, finished, pruned and bool(others))
        for candidate in done:
            del lanes[candidate.sample]
            finished.append(candidate)
            _cast(ballot, candidate, weigh)
            if ballot.decided:
                break
    cut = sum(min(now - began, item.drawn[i].tokens) for i, began in lanes.items())
    tokens = sum(candidate.tokens for candidate in finished) + cut
    begun = len(finished) + len(lanes)
    return Outcome(right(_leader(ballot), item.gold), tokens, begun, now)


def _lags(length: int, finished: Sequence[Candidate]) -> bool:
    longest = max((candidate.tokens for candidate in finished), default=None)
    return longest is not None and length > LAGGING * longest


def _next(
    item: Item, lanes: dict[int, int], now: int, finished: Sequence[Candidate], pruned: bool
) -> tuple[int, list[Candidate]]:
    """The step at which the next lanes end, or one begins to lag, with those that end then."""
    ended = {i: item.drawn[i] for i in lanes}
    if pruned:
        ended |= {i: _cut(item, i, now - began) for i, began in lanes.items()}
    ends = {i: began + ended[i].tokens for i, began in lanes.items()}
    then = min(ends.values())
    if finished:
        longest = max(candidate.tokens for candidate in finished)
        lagging = [began + int(LAGGING * longest) + 1 for began in lanes.values()]
        then = min([then, *(step for step in lagging if step > now)])
    return then, [ended[i] for i, end in sorted(ends.items()) if end == then]


def _cut(item: Item, at: int, written: int) -> Candidate:
    """A derivation as `lemmata.solve.pruning` ends it, now or later."""
    whole, wrong_at = item.drawn[at], item.wrong_at[at]
    if wrong_at is None or max(wrong_at, written) >= whole.tokens:
        return whole
    return replace(whole, answer=None, tokens=max(wrong_at, written), fails=1)


def _leader(ballot: Ballot) -> str | None:
    return ballot.clusters[0].answer if ballot.clusters else None


def right(answer: str | None, gold: str) -> bool:
    return answer is not None and same(answer, gold)
