"""The loop that tutorials show: PEFT, rows padded to the longest, labels of -100 on the prompt.

`plain.py TASK [bf16]`: with bf16 the products are bf16 by torch's autocast.
"""

from __future__ import annotations

import sys

import torch
from peft import LoraConfig, get_peft_model
from protocol import ALPHA, DROPOUT, MODULES, RANK, RATE, SEED, Clock, serve, task
from transformers import AutoModelForCausalLM


def main() -> None:
    work = task()
    torch.manual_seed(SEED)
    base = AutoModelForCausalLM.from_pretrained(work.base, dtype=torch.float32)
    model = get_peft_model(base, LoraConfig(
        r=RANK, lora_alpha=ALPHA, lora_dropout=DROPOUT, target_modules=MODULES,
        task_type="CAUSAL_LM",
    ))  # fmt: skip
    model.train()
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=RATE,
                                  weight_decay=0.0)  # fmt: skip
    chunks, bf16 = work.chunks(), "bf16" in sys.argv

    def step() -> dict:
        rows = next(chunks)
        clock = Clock()
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss = model(**padded(rows)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        return clock.read() | {"tokens": sum(len(row["ids"]) for row in rows)}

    serve(step, lambda: held_out_loss(model, work.held_out))


def padded(rows: list[dict]) -> dict[str, torch.Tensor]:
    longest = max(len(row["ids"]) for row in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.int64)
    labels = torch.full_like(ids, -100)
    mask = torch.zeros_like(ids)
    for number, row in enumerate(rows):
        size = len(row["ids"])
        ids[number, :size] = torch.tensor(row["ids"])
        labels[number, row["start"] : size] = ids[number, row["start"] : size]
        mask[number, :size] = 1
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def held_out_loss(model: torch.nn.Module, rows: list[dict]) -> float:
    """Nats a learnt token, each row on its own."""
    model.eval()
    total = count = 0.0
    with torch.no_grad():
        for row in rows:
            labels = len(row["ids"]) - row["start"]
            total += model(**padded([row])).loss.item() * labels
            count += labels
    model.train()
    return total / count


if __name__ == "__main__":
    main()
