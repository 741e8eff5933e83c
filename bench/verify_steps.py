"""False alarms and misses of the step checker on worked solutions that people wrote.

    python bench/verify_steps.py --gsm8k train.jsonl test.jsonl [--json results.json]

GSM8K (MIT): its <<48/2=24>> marks are the truth, so a step called wrong is a false alarm unless the
sentence itself is wrong; those that are, read one by one, stand in verify_steps_slips.txt. Each
solution is also corrupted: one number, chosen and changed by a generator seeded with the row's
index. Where the number stands decides what can be seen: inside a mark or its echo, in an equation,
behind ####, or in plain words.
CHAMP (MIT, package champ_dataset): 270 competition solutions, and models' solutions with the first
wrong step marked by people.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from pathlib import Path
from typing import Any

from lemmata.verify import verify_steps

_SLIPS = Path(__file__).with_name("verify_steps_slips.txt").read_text(encoding="utf-8")
SLIPS = [line for line in _SLIPS.splitlines() if not line.startswith("#")]
NUMBER = re.compile(r"(?<![\d.])(?:\d+(?:\.\d+)?|\.\d+)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gsm8k", nargs="+", type=Path, default=[])
    parser.add_argument("--part", default="1/1", help="K/N: every N-th solution; parts add up")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--show", action="store_true", help="print the steps called wrong")
    args = parser.parse_args()
    part, of = map(int, args.part.split("/"))
    rows = [json.loads(line) for path in args.gsm8k for line in path.read_text().splitlines()]
    texts = dict(list(enumerate(row["answer"] for row in rows))[part - 1 :: of])
    solutions = dict(list(enumerate(champ_solutions()))[part - 1 :: of])
    tally = {
        "gsm8k": intact(texts, args.show),
        "gsm8k corrupted": corrupted(texts),
        "champ": intact(solutions, args.show),
        "champ, first wrong step marked by people": champ_wrong(part, of),
    }
    done = {args.part: tally}
    if args.json and of > 1:
        beside = args.json.with_suffix(".parts")
        done = (json.loads(beside.read_text()) if beside.exists() else {}) | done
        beside.write_text(json.dumps(done))
    report = {name: shown(total([each[name] for each in done.values()])) for name in tally}
    print(json.dumps(report, indent=2))
    if args.json and len(done) == of:
        args.json.write_text(json.dumps(report, indent=2) + "\n")


def total(tallies: list[Any]) -> Any:
    """Sums, entry by entry."""
    if not isinstance(tallies[0], dict):
        return sum(tallies)
    names = dict.fromkeys(name for each in tallies for name in each)
    return {name: total([each[name] for each in tallies if name in each]) for name in names}


def shown(tally: dict[str, Any]) -> dict[str, Any]:
    """With means in place of the sums that make them, and a sum over all that is checkable."""
    if "coverage" in tally:
        count = max(1, tally["solutions"])
        tally["mean coverage"] = round(tally.pop("coverage") / count, 4)
        tally["ms a solution"] = round(1000 * tally.pop("seconds") / count, 2)
    elif "words" in tally:
        tally["all but words"] = total([v for where, v in tally.items() if where != "words"])
    return tally


def intact(texts: dict[int, str], show: bool) -> dict[str, Any]:
    """What the checker says of solutions that are right."""
    start, alarms, slips, coverage, steps, jumps = time.perf_counter(), 0, 0, 0.0, 0, 0
    for text in texts.values():
        found = verify_steps(text)
        coverage += found.coverage
        steps += len(found.steps)
        jumps += sum(step.jump for step in found.steps)
        if found.first_wrong is not None:
            alarms += 1
            wrong = found.steps[found.first_wrong]
            listed = is_slip(text, wrong.text)
            slips += listed
            if show and not listed:
                print(f"- {wrong.text[:140]!r}\n    {wrong.reason}", file=sys.stderr)
    return {
        "solutions": len(texts),
        "solutions called wrong": alarms,
        "of which the text itself is wrong": slips,
        "false alarms": alarms - slips,
        "steps": steps,
        "steps that jump": jumps,
        "coverage": coverage,
        "seconds": time.perf_counter() - start,
    }


def is_slip(text: str, step: str) -> bool:
    """Whether this step was found to be wrong as it stands."""
    end = " ".join(text.split())[-200:]
    return " ".join(step.split()) in SLIPS or (step.startswith("####") and end in SLIPS)


def place(text: str, start: int, end: int) -> str:
    """Where a number stands: mark, final, equation or words."""
    if text.rfind("<<", 0, start) > text.rfind(">>", 0, start) or text[:start].rstrip(
        " $"
    ).endswith(">>"):
        return "mark"
    line = text[text.rfind("\n", 0, start) + 1 : start]
    if line.lstrip().startswith("####"):
        return "final"
    before, after = text[:start].rstrip(" $("), text[end:].lstrip(" %)")
    signs = "=+-*/×÷^"
    glued = after[:1] in signs or after.startswith("<<") or re.match(r"[A-Za-z]+ ?[=+*/]", after)
    return "equation" if before[-1:] in signs or glued or re.match(r"x ?\$?\d", after) else "words"


def corrupt(text: str, seed: int) -> tuple[str, str] | None:
    """The text with one number changed, and where that number stood."""
    chance = random.Random(seed)
    found = list(NUMBER.finditer(text))
    if not found:
        return None
    match = chance.choice(found)
    value = float(match[0])
    changed = int(value) + chance.choice((-3, -2, -1, 1, 2, 3, 10))
    if changed <= 0 or changed == value:
        changed = int(value) + 7
    where = place(text, match.start(), match.end())
    return text[: match.start()] + str(changed) + text[match.end() :], where


def corrupted(texts: dict[int, str]) -> dict[str, Any]:
    counts: dict[str, dict[str, int]] = {}
    for seed, text in texts.items():
        case = corrupt(text, seed)
        if case is None:
            continue
        tally = counts.setdefault(case[1], {"corrupted": 0, "missed": 0})
        tally["corrupted"] += 1
        tally["missed"] += verify_steps(case[0]).first_wrong is None
    return dict(sorted(counts.items()))


def champ_problems() -> list[Any]:
    import champ_dataset

    return list(champ_dataset.load("v0").problems.values())


def champ_solutions() -> list[str]:
    return [
        "\n".join(step.raw_text.replace("@@", "$") for step in problem.solution.steps)
        for problem in champ_problems()
    ]


def champ_wrong(part: int, of: int) -> dict[str, Any]:
    """Of models' solutions with a first wrong step: how many are called wrong, and where."""
    total = flagged = earlier = 0
    for problem in champ_problems()[part - 1 :: of]:
        for note in problem.fws_annotations.values():
            if note.start_idx is None:
                continue
            total += 1
            found = verify_steps(note.text, problem.text)
            if found.first_wrong is not None:
                flagged += 1
                earlier += found.steps[found.first_wrong].end <= note.start_idx
    return {"solutions": total, "called wrong": flagged, "called wrong before that step": earlier}


if __name__ == "__main__":
    main()
