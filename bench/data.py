"""How fast data is read and cleaned, and in how much memory: `python bench/data.py GSM8K.jsonl`.

Each stage runs on the whole file in a process of its own. Speed is rows a second of processor time,
which other work on the machine does not change; memory is the growth of the peak resident set over
the imports. The last stage repeats the rows with other numbers until there are --rows of them.
Writes bench/results/data.json.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import random
import re
import resource
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from lemmata.data import prepare, test_sets
from lemmata.data.clean import Rules
from lemmata.data.read import open_file
from lemmata.data.tally import Tally
from lemmata.models.progress import silent
from lemmata.verify import verify_math, verify_steps

RESULT = Path(__file__).parent / "results" / "data.json"


def read(path: Path) -> int:
    tally = Tally()
    for _ in open_file(path).samples(tally):
        pass
    return tally.rows


def clean(path: Path) -> int:
    return _check(path, Rules(test_sets=test_sets.shipped()))


def verify(path: Path) -> int:
    return _check(
        path, Rules(test_sets=test_sets.shipped(), check_answer=verify_math, check_steps=_wrong)
    )


def _wrong(text: str) -> str:
    report = verify_steps(text)
    return "" if report.first_wrong is None else report.steps[report.first_wrong].reason


def _check(path: Path, rules: Rules) -> int:
    report = prepare.check([open_file(path)], prepare.Plan(rules), silent)
    print({key: report[key] for key in ("rows", "kept", "dropped", "flagged")})
    return int(report["rows"])


def prepared(path: Path) -> int:
    plan = prepare.Plan(Rules(test_sets=test_sets.shipped()))
    with tempfile.TemporaryDirectory() as out:
        return int(prepare.prepare([open_file(path)], Path(out), plan, silent)["rows"])


def multiplied(path: Path, count: int, target: Path) -> None:
    """The rows again and again with other numbers in their questions, `count` in all."""
    rng, lines = random.Random(0), path.read_text("utf-8").splitlines()
    with target.open("w", encoding="utf-8") as out:
        for number in range(count):
            fields = json.loads(lines[number % len(lines)])
            if number >= len(lines):
                fields["question"] = re.sub(
                    r"\d+", lambda _: str(rng.randint(2, 999)), fields["question"]
                )
            out.write(json.dumps(fields, ensure_ascii=False) + "\n")


def measured(stage: Callable[[Path], int], path: Path) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_measure, args=(stage, path, theirs))
    process.start()
    result: dict[str, Any] = ours.recv()
    process.join()
    return result


def _measure(stage: Callable[[Path], int], path: Path, reply: Connection) -> None:
    before, wall = time.process_time(), time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows = stage(path)
    cpu, grown = time.process_time() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reply.send({
        "rows": rows,
        "rows_per_cpu_second": round(rows / cpu),
        "cpu_seconds": round(cpu, 2),
        "wall_seconds": round(time.perf_counter() - wall, 2),
        "grown_mib": round((grown - peak) / 1024, 1),
    })  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    asked = parser.parse_args()
    stages = {"read and convert": read, "clean": clean, "clean and verify": verify}
    results = {name: measured(stage, asked.file) for name, stage in stages.items()}
    with tempfile.TemporaryDirectory() as folder:
        many = Path(folder) / "many.jsonl"
        multiplied(asked.file, asked.rows, many)
        results[f"prepare {asked.rows} rows"] = measured(prepared, many)
    print(f"{'stage':24} {'rows':>8} {'rows/cpu-s':>11} {'cpu s':>8} {'MiB':>7}")
    for name, row in results.items():
        print(
            f"{name:24} {row['rows']:8} {row['rows_per_cpu_second']:11} "
            f"{row['cpu_seconds']:8} {row['grown_mib']:7}"
        )
    RESULT.parent.mkdir(exist_ok=True)
    about = {"file": asked.file.name, "python": platform.python_version(), "stages": results}
    RESULT.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
