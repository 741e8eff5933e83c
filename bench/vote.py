"""Voting: accuracy against tokens, replayed from kept samples, and checked against live runs.

    python bench/vote.py replay                       figures from bench/results/samples
    python bench/vote.py live FAMILY ADAPTER --items 12     the same problems, really solved
    python bench/vote.py peer FAMILY ANSWERS          grade what bench/vote_peer.py collected

The replay runs `lemmata.solve.vote.Ballot` itself over the samples of bench/vote_samples.py: lanes
write one token a step, as in one batch, so the order in which samples finish, what is started when,
and the tokens of what is cancelled are exact. Constants are chosen on the `tune` problems and
reported beside; every other figure is of `test`. Written to bench/results/vote.json.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import vote_samples as samples

from lemmata.engines.base import GREEDY, Delta, Engine
from lemmata.solve import Candidate, Options, Standing, solve_events
from lemmata.solve.options import CONFIDENCE
from lemmata.solve.run import LAGGING
from lemmata.solve.sample import Sample, checked
from lemmata.solve.vote import Ballot
from lemmata.solve.weights import ALIKE, BY_STEPS, DOUBT, TRUST, Scale, weight
from lemmata.types import Problem, Solution
from lemmata.verify import verify_math
from lemmata.verify.following import Follower

RESULTS = Path(__file__).parent / "results" / "vote.json"
DRAWS = 10_000
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
    return Outcome(_right(item.greedy.answer, item.gold), tokens, 1, tokens)


def majority(item: Item, votes: int, weigh: Weigh = plain) -> Outcome:
    """All of the first `votes` samples."""
    ballot = Ballot(votes, same, scale=_scale(weigh))
    for candidate in item.drawn[:votes]:
        _cast(ballot, candidate, weigh)
    tokens = [candidate.tokens for candidate in item.drawn[:votes]]
    return Outcome(_right(_leader(ballot), item.gold), sum(tokens), votes, max(tokens))


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
        now, done = _next(item, lanes, now, finished, pruned)
        for candidate in done:
            del lanes[candidate.sample]
            finished.append(candidate)
            _cast(ballot, candidate, weigh)
            if ballot.decided:
                break
    cut = sum(min(now - began, item.drawn[i].tokens) for i, began in lanes.items())
    tokens = sum(candidate.tokens for candidate in finished) + cut
    begun = len(finished) + len(lanes)
    return Outcome(_right(_leader(ballot), item.gold), tokens, begun, now)


def _lags(length: int, finished: Sequence[Candidate]) -> bool:
    longest = max((candidate.tokens for candidate in finished), default=None)
    return longest is not None and length > LAGGING * longest


def _next(
    item: Item, lanes: dict[int, int], now: int, finished: Sequence[Candidate], pruned: bool
) -> tuple[int, list[Candidate]]:
    """The step at which the next lanes end, or one begins to lag, with those that end then."""
    ended = {i: item.drawn[i] for i in lanes}
    if pruned and (len(lanes) > 1 or any(candidate.answer for candidate in finished)):
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


def _right(answer: str | None, gold: str) -> bool:
    return answer is not None and same(answer, gold)


# Figures


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    rights = [outcome.right for outcome in outcomes]
    low, high = interval([float(right) for right in rights])
    return {
        "accuracy": round(statistics.mean(rights), 4),
        "low": low,
        "high": high,
        "tokens": round(statistics.mean(outcome.tokens for outcome in outcomes), 1),
        "steps": round(statistics.mean(outcome.steps for outcome in outcomes), 1),
        "derivations": round(statistics.mean(outcome.begun for outcome in outcomes), 2),
    }


def interval(values: Sequence[float]) -> tuple[float, float]:
    """95 % of the mean, by the bootstrap over problems."""
    draw = random.Random(0)
    means = sorted(statistics.fmean(draw.choices(values, k=len(values))) for _ in range(DRAWS))
    return round(means[int(0.025 * DRAWS)], 4), round(means[int(0.975 * DRAWS)], 4)


def paired(ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> dict[str, Any]:
    """Accuracy and tokens of ours against theirs on the same problems."""
    gains = [float(a.right) - float(b.right) for a, b in zip(ours, theirs, strict=True)]
    low, high = interval(gains)
    share = sum(a.tokens for a in ours) / sum(b.tokens for b in theirs)
    return {
        "gain": round(statistics.fmean(gains), 4), "low": low, "high": high,
        "tokens": round(share, 4),
    }  # fmt: skip


def replay(family: str) -> dict[str, Any]:
    items = load(family, "test")
    rows = {"greedy": [greedy(item) for item in items]}
    for votes in (4, 8, 16):
        rows[f"maj@{votes}"] = [majority(item, votes) for item in items]
        rows[f"maj@{votes} + steps"] = [majority(item, votes, by_steps) for item in items]
    rows["early"] = [early(item, CONFIDENCE) for item in items]
    rows["early + steps"] = [early(item, CONFIDENCE, by_steps) for item in items]
    against = {
        "early / maj@16": ("early", "maj@16"),
        "early + steps / maj@16": ("early + steps", "maj@16"),
        **{f"maj@{k} + steps / maj@{k}": (f"maj@{k} + steps", f"maj@{k}") for k in (4, 8, 16)},
    }
    return {
        "problems": len(items),
        "strategies": {name: figures(outcomes) for name, outcomes in rows.items()},
        "paired": {name: paired(rows[a], rows[b]) for name, (a, b) in against.items()},
    }


def tuning(families: Sequence[str]) -> list[dict[str, Any]]:
    """Each choice of constants on the problems kept for choosing."""
    items = [item for family in families for item in load(family, "tune")]
    rows = []
    for trust, doubt, sure in itertools.product(
        (0.0, 0.5, 1.0, 1.5, 2.0), (1.0, 0.3, 0.1, 0.03), (0.9, 0.95, 0.98)
    ):

        def weigh(candidate: Candidate, trust: float = trust, doubt: float = doubt) -> float:
            return by_steps(candidate, trust, doubt)

        whole = [majority(item, 16, weigh) for item in items]
        stopped = [early(item, sure, weigh) for item in items]
        rows.append(
            {
                "trust": trust, "doubt": doubt, "confidence": sure, "problems": len(items),
                "maj@16": round(statistics.mean(o.right for o in whole), 4),
                "early": round(statistics.mean(o.right for o in stopped), 4),
                "tokens": round(statistics.mean(o.tokens for o in stopped), 1),
            }
        )  # fmt: skip
    return rows


# Live


async def live(family: str, adapter: Path, count: int) -> dict[str, Any]:
    """The first `count` test problems by greedy, all sixteen, and the early vote, in turn."""
    from lemmata import settings
    from lemmata.adapters import canonical
    from lemmata.engines import open_engine

    items = load(family, "test")[:count]
    engine = open_engine("smollm2-135m", settings.load())
    rows = []
    try:
        await engine.load_adapter(canonical.open(adapter, f"vote-{family}"))
        await samples.sample(engine, family, items[0].problem, 999)  # warm
        for number, item in enumerate(items):
            rows.append(await _three(engine, family, item, number))
            print(number + 1, rows[-1], flush=True)
    finally:
        await engine.close()
    return _live_figures(rows)


async def _three(engine: Engine, family: str, item: Item, number: int) -> dict[str, Any]:
    one = await _solved(engine, family, item, 1, None, number)
    all_of_them = await _solved(engine, family, item, 16, 0.9999999, number)
    ours = await _solved(engine, family, item, 16, CONFIDENCE, number)
    told = early(item, CONFIDENCE, by_steps)
    return {
        "greedy": one, "maj@16": all_of_them, "early + steps": ours,
        "replayed": {"right": told.right, "tokens": told.tokens, "begun": told.begun},
    }  # fmt: skip


async def _solved(
    engine: Engine, family: str, item: Item, votes: int, sure: float | None, number: int
) -> dict[str, Any]:
    """`sure` near 1: never early, so all the votes are cast."""
    cap = samples.SAMPLING.max_tokens
    drawn = replace(samples.SAMPLING, seed=number * 1000)
    sampling = replace(GREEDY, max_tokens=cap) if votes == 1 else drawn
    weighted = sure == CONFIDENCE
    how = Options(confidence=sure or CONFIDENCE, weighted=weighted, stop_loops=False)
    began, begun = time.perf_counter(), 0
    solution: Solution | None = None
    async for event in solve_events(
        Problem(item.problem), engine, adapter=engine.adapters()[0].name,
        role=samples.ROLES[family], votes=votes, sampling=sampling, how=how, inside=False,
    ):  # fmt: skip
        begun += isinstance(event, Candidate)
        assert not isinstance(event, Standing) or event.groups is not None
        if isinstance(event, Solution):
            solution = event
    assert solution is not None
    return {
        "right": _right(solution.answer, item.gold), "tokens": solution.tokens,
        "seconds": round(time.perf_counter() - began, 3), "finished": begun,
    }  # fmt: skip


def _live_figures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    def mean(name: str, field: str) -> float:
        return round(statistics.fmean(float(row[name][field]) for row in rows), 3)

    ways = ("greedy", "maj@16", "early + steps")
    live = {
        name: {field: mean(name, field) for field in ("right", "tokens", "seconds")}
        for name in ways
    }
    return {
        "problems": len(rows),
        "live": live,
        "replayed": {"right": mean("replayed", "right"), "tokens": mean("replayed", "tokens")},
        "seconds of maj@16": round(
            sum(row["early + steps"]["seconds"] for row in rows)
            / sum(row["maj@16"]["seconds"] for row in rows), 4,
        ),
    }  # fmt: skip


def peer(family: str, path: Path) -> dict[str, Any]:
    """What optillm answered, graded by our verifier, on the same problems beside the replay."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    known = {item.problem: item for item in load(family, "test")}
    items = [known[row["problem"]] for row in rows]
    theirs = [
        Outcome(verify_math(row["text"], item.gold).state == "correct", row["tokens"], row["n"], 0)
        for row, item in zip(rows, items, strict=True)
    ]
    ours = [early(item, CONFIDENCE, by_steps) for item in items]
    return {
        "problems": len(rows),
        "samples": rows[0]["n"],
        "optillm": figures(theirs) | {"seconds": round(statistics.fmean(r["s"] for r in rows), 3)},
        "early + steps": figures(ours),
        "paired": paired(ours, theirs),
    }


def keep(**changes: Any) -> None:
    """Put figures into the results; those not measured this time stay."""
    document = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    for name, value in changes.items():
        document[name] = document.get(name, {}) | value if isinstance(value, dict) else value
    RESULTS.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(json.dumps(changes, indent=2, ensure_ascii=False))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("replay")
    for name, path in (("live", "adapter"), ("peer", "answers")):
        command = commands.add_parser(name)
        command.add_argument("family", choices=sorted(samples.ROLES))
        command.add_argument(path, type=Path)
    commands.choices["live"].add_argument("--items", type=int, default=12)
    asked = parser.parse_args()
    if asked.command == "replay":
        families = [f for f in sorted(samples.ROLES) if (samples.FOLDER / f"{f}.jsonl").exists()]
        keep(tuning=tuning(families), replay={family: replay(family) for family in families})
    elif asked.command == "live":
        keep(live={asked.family: asyncio.run(live(asked.family, asked.adapter, asked.items))})
    else:
        keep(optillm={asked.family: peer(asked.family, asked.answers)})


if __name__ == "__main__":
    main()
