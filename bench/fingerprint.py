"""Make the shipped test-set fingerprints: `python bench/fingerprint.py FOLDER`.

FOLDER holds the benchmarks as JSON lines (gsm8k-test, mgsm-en-zh, aime24, aime25, hmmt25). What is
written is hashes only: no text of a benchmark can be read back from them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from lemmata.data import ngrams, test_sets

TARGET = Path(__file__).parent.parent / "src/lemmata/data/fingerprints"
MIT_GSM = "GSM8K test, OpenAI, MIT"
SETS = {
    "gsm8k-test": ("gsm8k-test.jsonl", "question", MIT_GSM),
    "mgsm-zh": ("mgsm-en-zh.jsonl", "zh", "MGSM Chinese, Google, CC BY-SA 4.0"),
    "aime24": ("aime24.jsonl", "problem", "AIME 2024, MAA; collection under MIT"),
    "aime25": ("aime25.jsonl", "problem", "AIME 2025, MAA; collection under MIT"),
    "hmmt25": ("hmmt25.jsonl", "problem", "HMMT February 2025; collection under MIT"),
}


def main(folder: Path) -> None:
    planes, listing = {}, {}
    for name, (file, field, origin) in SETS.items():
        rows = [json.loads(line) for line in (folder / file).open(encoding="utf-8")]
        grams = test_sets.of_texts(name, (row[field] for row in rows)).grams
        planes[name] = test_sets.pack(grams)
        listing[name] = {"problems": len(rows), "grams": len(grams), "origin": origin}
    np.savez_compressed(TARGET / "sets.npz", **planes)
    about = "48-bit hashes of ten-token runs; the texts are not contained and cannot be recovered"
    document = {"about": about, "ngrams": ngrams.VERSION, "gram": test_sets.GRAM, "sets": listing}
    (TARGET / "sets.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(listing, indent=2))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
