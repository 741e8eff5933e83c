"""False alarms of the off-domain classifier on the benchmarks, and what it finds of small talk.

    python bench/domain.py FOLDER

FOLDER holds the benchmarks as JSON lines (gsm8k-test, gsm8k-train, mgsm-en-zh, aime24, aime25,
hmmt25). Single sentences of the problems are classified too: they try the patterns where the rule
that long requests are problems does not help. `split` counts the problems that would be taken for
compound. Written to results/domain.json.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from lemmata.prompts import domain
from lemmata.solve.compound import split

RESULTS = Path(__file__).parent / "results" / "domain.json"
SMALL = Path(__file__).parent.parent / "tests" / "prompts" / "domain.json"
SETS = (
    ("gsm8k-test", "question"), ("gsm8k-train", "question"), ("mgsm-en-zh", "en"),
    ("mgsm-en-zh", "zh"), ("aime24", "problem"), ("aime25", "problem"), ("hmmt25", "problem"),
)  # fmt: skip


def measure(folder: Path, name: str, field: str) -> dict[str, Any]:
    rows = [json.loads(line) for line in (folder / f"{name}.jsonl").open(encoding="utf-8")]
    texts = [row[field] for row in rows]
    sentences = [part for text in texts for part in re.split(r"(?<=[.?!。？！])\s*", text) if part]
    return {
        "set": f"{name} {field}",
        "problems": len(texts),
        "false alarms": sum(domain.classify(text) != "problem" for text in texts),
        "sentences": len(sentences),
        "false alarms on sentences": sum(domain.classify(s) != "problem" for s in sentences),
        "split": sum(split(text) is not None for text in texts),
    }


def main(folder: Path) -> None:
    rows = [measure(folder, name, field) for name, field in SETS]
    listed = json.loads(SMALL.read_text("utf-8"))
    found = {
        kind: {"requests": len(texts), "found": sum(domain.classify(t) != "problem" for t in texts)}
        for kind, texts in listed.items()
    }
    RESULTS.write_text(json.dumps({"sets": rows, "hand-made": found}, indent=2) + "\n", "utf-8")
    for row in rows:
        print(row)
    print(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
