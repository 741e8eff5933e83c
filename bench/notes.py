"""How long a vault takes: `python bench/notes.py` prints a table, --json writes a record.

A vault of 10,000 notes is made from the families of `lemmata.data.tasks`, half English and half
Chinese, each note with links to three others. The command line's index (SQLite) and the plugin's
(MiniSearch, in Node with the tests' stand-in for Obsidian) take in the same files: from nothing,
with nothing changed, and with one note changed. All figures of a record are of one run.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from lemmata.apps.notes.check import check
from lemmata.apps.notes.context import Asking, gather
from lemmata.apps.notes.index import Index
from lemmata.apps.notes.vault import Vault
from lemmata.data.tasks.catalog import FAMILIES

PLUGIN = Path(__file__).parents[1] / "editors" / "obsidian"
QUESTIONS = [
    "What is the sum of the squares of the roots?", "How many lattice paths avoid the point?",
    "remainder of a large power", "how many integer solutions with x + y + z", "divisors of n",
    "两根的平方和是多少？", "有多少条不经过该点的路径？", "大数的幂除以 7 的余数",
    "不定方程的整数解",
]  # fmt: skip


def make(root: Path, count: int) -> None:
    names = [name for name, family in FAMILIES.items() if "programs" not in family.__name__]
    for number in range(count):
        draw = Random(number)
        language: Any = "en" if number % 2 else "zh"
        parts = []
        for name in draw.sample(names, 3):
            item = FAMILIES[name].item(draw, language)
            parts.append(f"## {name}\n\n{item.problem}\n\n{item.derivation}\n")
        links = " ".join(f"[[note {draw.randrange(count)}]]" for _ in range(3))
        folder = root / f"{number // 500:03}"
        folder.mkdir(parents=True, exist_ok=True)
        body = "\n".join(parts)
        (folder / f"note {number}.md").write_text(
            f"# Note {number}\n\n{body}\nSee {links}.\n", encoding="utf-8"
        )


def seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def command_line(root: Path, cache: Path, checked: int) -> dict[str, float]:
    vault = Vault(root)
    with Index(vault, cache) as index:
        cold = seconds(index.update)
        again = seconds(index.update)
        note = next(iter(vault.notes())).path
        vault.write(note, vault.read(note) + "\nA new word: octagonal.\n", vault.read(note))
        one = seconds(index.update)
        assert index.search("octagonal", 1)[0][0] == note
        queries = [1000 * seconds(lambda q=q: index.search(q, 8)) for q in QUESTIONS * 3]
        asking = Asking(QUESTIONS[0], note)
        gathering = [1000 * seconds(lambda: gather(index, asking)) for _ in range(5)]
    sample = [found.path for found in vault.notes()][:checked]
    checking = seconds(lambda: [check(vault.read(path)) for path in sample])
    return {
        "index_s": cold, "nothing_changed_s": again, "one_changed_s": one,
        "query_median_ms": statistics.median(queries),
        "context_median_ms": statistics.median(gathering),
        "check_ms_a_note": 1000 * checking / checked,
    }  # fmt: skip


def plugin(root: Path, out: Path) -> dict[str, float]:
    told = {
        "LEMMATA_BENCH_VAULT": str(root), "LEMMATA_BENCH_OUT": str(out),
        "LEMMATA_BENCH_QUESTIONS": "\n".join(QUESTIONS * 3),
    }  # fmt: skip
    words = ["npx", "--no-install", "vitest", "run", "--config", "bench/vitest.config.ts"]
    done = subprocess.run(
        words, cwd=PLUGIN, env={**os.environ, **told}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\n{done.stderr}\nRun `npm ci` in {PLUGIN.name} first.")
    return json.loads(out.read_text(encoding="utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=int, default=10_000)
    parser.add_argument("--checked", type=int, default=200, help="notes that are checked")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "vault"
        make(root, given.notes)
        size = sum(path.stat().st_size for path in root.rglob("*.md"))
        load = os.getloadavg()[0]
        found = {
            "vault": {"notes": given.notes, "mib": size / 2**20},
            "machine": {"cores": os.cpu_count(), "load_before": load},
            "command_line": command_line(root, Path(place) / "cache", given.checked),
            "plugin": plugin(root, Path(place) / "plugin.json"),
        }
    for part in ("command_line", "plugin"):
        row = found[part]
        row["nothing_changed_of_index"] = row["nothing_changed_s"] / row["index_s"]
        print(part)
        for name, value in row.items():
            print(f"  {name:<26} {value:10.3f}")
    if given.json:
        rounded = json.loads(json.dumps(found), parse_float=lambda text: round(float(text), 4))
        given.json.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
