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
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import vote_samples as samples
from vote_figures import figures, paired, tables
from vote_replay import Item, Outcome, by_steps, early, greedy, load, majority, right

from lemmata.engines.base import GREEDY, Engine
from lemmata.solve import Candidate, Options, Standing, solve_events
from lemmata.solve.options import CONFIDENCE
from lemmata.types import Problem, Solution
from lemmata.verify import verify_math

RESULTS = Path(__file__).parent / "results" / "vote.json"


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
        "right": right(solution.answer, item.gold), "tokens": solution.tokens,
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
    print(tables(document))


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
