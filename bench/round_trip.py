"""How far the engine is from training, with and without the shipped counting adapter.

    python bench/round_trip.py

Log-probabilities of the learnt tokens of a few rows, by PEFT on the base in torch and by the engine
on the served file of the same base (`lemmata.train.round_trip`). Writes
bench/results/round_trip.json.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch

from lemmata import settings
from lemmata.engines.llama import LlamaEngine, Options
from lemmata.engines.sync import SyncEngine
from lemmata.models.store import Store
from lemmata.train import base_model, round_trip, samples
from lemmata.train.recipe import load

ROOT = Path(__file__).parents[1]
ADAPTER = ROOT / "examples" / "adapters" / "counting"
RESULT = ROOT / "bench" / "results" / "round_trip.json"
ROWS = 6


def main() -> None:
    home = settings.load()
    torch.set_num_threads(home.threads)
    recipe = load("counting", {"data": [f"task:stars-and-bars:{ROWS}"]})
    store = Store(home)
    stored = store.get(recipe.base)
    hf = store.hf_dir(stored)
    rows = samples.of_model(recipe, stored, hf).rows
    model = base_model.load(hf, recipe)
    options = Options(threads=home.threads)
    engine = LlamaEngine(stored.gguf, stored.name, stored.id, home.cache_dir, options)
    with SyncEngine(engine) as opened:
        opened.load_adapter(ADAPTER, "counting")
        found = round_trip.compare(model, opened, ADAPTER, "counting", rows)
    told = {"base": stored.name, "quantisation": stored.quantisation, "rows": ROWS}
    RESULT.write_text(json.dumps(told | found.as_json(), indent=2) + "\n")
    print(RESULT.read_text())


if __name__ == "__main__":
    main()
