"""optillm's self-consistency on the problems of bench/vote_samples.py, through `lemmata serve`.

    PEER_PYTHON bench/vote_peer.py SELF_CONSISTENCY.py FAMILY URL OUT [--samples 5] [--items 100]

Run it by a Python that has `openai`. SELF_CONSISTENCY.py is that file of optillm (0.4.0 was
measured): its own class is used as it is, without optillm's proxy, which only hands requests on to
it. URL serves the adapter as vote-FAMILY. What comes is graded by `bench/vote.py peer`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import time
import types
from pathlib import Path
from typing import Any

import openai

FOLDER = Path(__file__).parent / "results" / "samples"
SYSTEMS = {
    "stars": "You are solving combinatorics problems from AIME. Show all derivation steps.",
    "chains": "You are a professional problem solver in high-level math competitions. "
    "Always show your reasoning step by step.",
}


def load(path: Path) -> Any:
    """optillm's module; of its package it needs only the name of a logger that is off."""
    package = types.ModuleType("optillm")
    package.conversation_logger = None  # type: ignore[attr-defined]
    sys.modules["optillm"] = package
    spec = importlib.util.spec_from_file_location("self_consistency", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module", type=Path)
    parser.add_argument("family", choices=sorted(SYSTEMS))
    parser.add_argument("url")
    parser.add_argument("out", type=Path)
    parser.add_argument("--samples", type=int, default=5)
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=200)
    asked = parser.parse_args()
    kind = load(asked.module).AdvancedSelfConsistency
    client = openai.OpenAI(base_url=asked.url, api_key="none")
    rows = map(json.loads, (FOLDER / f"{asked.family}.jsonl").read_text("utf-8").splitlines())
    problems = [row["problem"] for row in rows if row["set"] == "test"][: asked.items]
    done = len(asked.out.read_text("utf-8").splitlines()) if asked.out.exists() else 0
    until = time.monotonic() + asked.seconds
    for problem in problems[done:]:
        began = time.perf_counter()
        way = kind(
            client,
            f"vote-{asked.family}",
            num_samples=asked.samples,
            request_config={"max_tokens": 96},
        )
        groups = way.evaluate(SYSTEMS[asked.family], problem)["aggregated_result"]["clusters"]
        row = {
            "problem": problem,
            "text": groups[0]["answer"] if groups else "",
            "tokens": way.self_consistency_completion_tokens,
            "n": asked.samples,
            "s": round(time.perf_counter() - began, 3),
        }
        with asked.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
        if time.monotonic() > until:
            return


if __name__ == "__main__":
    main()
