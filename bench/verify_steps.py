"""False alarms and misses of the step checker on worked solutions that people wrote.

    python bench/verify_steps.py --gsm8k train.jsonl test.jsonl [--json results.json]

GSM8K (MIT): its <<48/2=24>> marks are the truth, so a step called wrong is a false alarm unless the
sentence itself is wrong; those that are, read one by one, are listed in gsm8k_slips.txt. Each
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
import time
from pathlib import Path
from typing import Any

from lemmata.verify import verify_steps

_SLIPS = Path(__file__).with_name("gsm8k_slips.txt").read_text(encoding="utf-8")
SLIPS = [line for line in _SLIPS.splitlines() if not line.startswith("#")]
NUMBER = re.compile(r"(?<![\d.])(?:\d+(?:\.\d+)?|\.\d+)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gsm8k", nargs="+", type=Path, default=[])
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--show", action="store_true", help="print the steps called wrong")
    args = parser.parse_args()
    report: dict[str, Any] = {}
    if args.gsm8k:
        rows = [json.loads(line) for path in args.gsm8k for line in path.read_text().splitlines()]
        texts = [row["answer"] for row in rows][: args.limit]
        report["gsm8k"] = intact(texts, args.show)
        report["gsm8k corrupted"] = corrupted(texts)
    report["champ"] = intact(champ_solutions(), args.show)
    report["champ, first wrong step marked by people"] = champ_wrong()
    print(json.dumps(report, indent=2))
    if args.json:
        args.json.write_text(json.dumps(report, indent=2) + "\n")


def intact(texts: list[str], show: bool) -> dict[str, Any]:
    """What the checker says of solutions that are right."""
    start, alarms, slips, coverage, steps, jumps = time.perf_counter(), 0, 0, 0.0, 0, 0
    for text in texts:
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
                print(f"- {wrong.text[:140]!r}\n    {wrong.reason}")
    return {
        "solutions": len(texts),
        "solutions called wrong": alarms,
        "of which the text itself is wrong": slips,
        "false alarms": alarms - slips,
        "steps": steps,
        "steps that jump": jumps,
        "mean coverage": round(coverage / len(texts), 4),
        "ms a solution": round(1000 * (time.perf_counter() - start) / len(texts), 2),
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


def corrupted(texts: list[str]) -> dict[str, Any]:
    counts: dict[str, list[int]] = {}
    for seed, text in enumerate(texts):
        case = corrupt(text, seed)
        if case is None:
            continue
        tally = counts.setdefault(case[1], [0, 0])
        tally[0] += 1
        tally[1] += verify_steps(case[0]).first_wrong is None
    table = {w: {"corrupted": n, "missed": m} for w, (n, m) in sorted(counts.items())}
    checkable = [v for w, v in table.items() if w != "words"]
    table["all but words"] = {
        key: sum(v[key] for v in checkable) for key in ("corrupted", "missed")
    }
    return table


def champ_problems() -> list[Any]:
    import champ_dataset

    return list(champ_dataset.load("v0").problems.values())


def champ_solutions() -> list[str]:
    return [
        "\n".join(step.raw_text.replace("@@", "$") for step in problem.solution.steps)
        for problem in champ_problems()
    ]


def champ_wrong() -> dict[str, Any]:
    """Of models' solutions with a first wrong step: how many are called wrong, and where."""
    total = flagged = earlier = 0
    for problem in champ_problems():
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
