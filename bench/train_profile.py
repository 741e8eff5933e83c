"""Where a training step spends its time: `python bench/train_profile.py --data gsm8k-train.jsonl`.

One step of ours on one thread, under torch's profiler; processor time of each operation by itself,
so that other work on the machine and waiting between threads do not count.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

from lemmata.train import base_model
from lemmata.train.objectives import Objective
from lemmata.train.recipe import from_fields
from lemmata.train.rows import Row
from lemmata.train.step import Gradients, Task
from train import rows_of

GROUPS = {
    "matrix products": ("aten::mm", "aten::addmm", "aten::addmm_", "mkldnn::_linear_pointwise"),
    "attention": ("aten::_scaled_dot_product_flash_attention_for_cpu",
                  "aten::_scaled_dot_product_flash_attention_for_cpu_backward"),
    "gate": ("aten::silu", "aten::silu_backward"),
    "dropout": ("aten::random_", "aten::ge"),
    "copies": ("aten::copy_", "aten::cat", "aten::clone"),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="GSM8K's training file")
    parser.add_argument("--rows", type=int, default=4)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    found = shares(args.data, args.rows)
    print("\n".join(f"{name:16} {100 * share:5.1f} %" for name, share in found.items()))
    if args.out:
        args.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def shares(data: Path, count: int) -> dict[str, float]:
    """Of a step's processor time, by group; what is in none is `all else`."""
    items, base = rows_of(data, count)
    rows = tuple(
        Row(tuple(r["ids"]), r["start"], (0,) * (len(r["ids"]) - r["start"])) for r in items
    )
    recipe = from_fields({"name": "profile", "data": "rows"})
    model = base_model.load(base, recipe).train()
    gradients = Gradients(recipe, model, Objective(recipe))
    gradients(Task(1, 0, rows))
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        gradients(Task(2, 0, rows))
    spent = {event.key: event.self_cpu_time_total for event in seen.key_averages()}
    total = sum(spent.values())
    found = {name: sum(spent.get(key, 0) for key in keys) / total for name, keys in GROUPS.items()}
    return found | {"all else": 1 - sum(found.values())}


if __name__ == "__main__":
    main()
