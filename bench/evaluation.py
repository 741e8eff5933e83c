"""Does the role matter, does the language? The default model, measured by `lemmata eval`.

    python bench/evaluation.py [FOLDER]

Runs what RUNS says into FOLDER (default build/evaluation) and writes bench/results/evaluation.json.
It may be stopped at any time: the same command goes on.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "bench" / "results" / "evaluation.json"
RUNS = {
    # What a person sees first: the base and the adapter on the adapter's own speciality, greedily.
    "first look": ["counting", "--limit", "30", "--policy", "frame-only"],
    # Does the role matter? On sums that the adapter was not tuned on, at temperature 1, because
    # greedily it is right on nearly all of them and nothing could be told apart.
    "roles": ["counting", "--adapter", "counting", "--limit", "60", "--temperature", "1.0",
              "--role", "combinatorics,math,official,none"],
    # Grade-school problems, the same in both languages; beyond a model of 135 M parameters.
    "mgsm": ["mgsm", "--quick", "--max-tokens", "160", "--role", "math,official,none"],
}  # fmt: skip


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "evaluation"
    found = {}
    for name, words in RUNS.items():
        out = folder / name.replace(" ", "-")
        command = [sys.executable, "-m", "lemmata", "eval", "run", *words, "--out", str(out)]
        subprocess.run(command, check=True)
        found[name] = {"command": " ".join(["lemmata eval run", *words])}
        found[name] |= json.loads((out / "results.json").read_text("utf-8"))
    RESULT.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(tables(found))


def tables(found: dict[str, dict]) -> str:
    """The Markdown tables of docs/results.md."""
    parts = []
    for name, run in found.items():
        rows = [_row(cell) for cell in run["cells"]]
        parts += [
            f"### {name}: `{run['command']}`", "",
            "| role | language | adapter | problems | accuracy | tokens per right answer | cut off "
            "| in a loop | wrong steps |", "|---|---|---|---|---|---|---|---|---|", *rows, "",
            "| on the same problems | at | difference, points | P(better) |", "|---|---|---|---|",
            *(_contrast(c) for c in run["contrasts"]), "",
        ]  # fmt: skip
    return "\n".join(parts)


def _row(c: dict) -> str:
    return (
        f"| {c['cell']['role']} | {c['cell']['language']} | {c['cell']['adapter']} | {c['items']} "
        f"| {_share(c['accuracy'])} | {_cost(c['tokens_per_right'])} | {_share(c['truncated'])} "
        f"| {_share(c['looped'])} | {_share(c['wrong_steps'])} |"
    )


def _contrast(c: dict) -> str:
    d = c["difference"]
    at = ", ".join(c["at"][axis] for axis in ("role", "language", "adapter") if axis in c["at"])
    points = [f"{100 * d[end]:+.1f}" for end in ("value", "low", "high")]
    return (
        f"| {c['b']} − {c['a']} | {at} | {points[0]} ({points[1]} to {points[2]}) "
        f"| {c['p_better']:.3f} |"
    )


def _share(value: dict | None) -> str:
    if value is None:
        return "–"
    low, high = (f"{100 * value[end]:.1f}" for end in ("low", "high"))
    return f"{100 * value['value']:.1f} % ({low} to {high})"


def _cost(value: dict | None) -> str:
    return "–" if value is None else f"{value['value']:.0f}"


if __name__ == "__main__":
    main()
