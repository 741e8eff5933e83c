"""LoRA training of a 1.5B model on a GPU: `python bench/gpu_train.py --peak-tflops 989`.

Qwen2-1.5B's shape with random weights, rows of mixed lengths, 8,192 tokens a step: ours in bf16 and
NF4, TRL's SFTTrainer the same with and without Liger kernels, each in a process of its own. Prints
tokens a second, the share of the GPU's peak rate that the needed products reach (MFU), and the
peak of allocated memory. `--tiny` does the same with a small model on whatever there is.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SHAPE = {
    "hidden_size": 1536, "intermediate_size": 8960, "num_hidden_layers": 28,
    "num_attention_heads": 12, "num_key_value_heads": 2, "vocab_size": 151_936,
    "max_position_embeddings": 32_768, "tie_word_embeddings": True,
}  # fmt: skip
TINY = SHAPE | {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
                "num_attention_heads": 4, "vocab_size": 512}  # fmt: skip
PEERS = ("ours-bf16", "ours-nf4", "trl-bf16", "trl-bf16-liger", "trl-nf4", "trl-nf4-liger")
Step = Callable[[], None]


def rows_of(tokens: int, vocabulary: int) -> list[dict[str, Any]]:
    """Random ids, two fifths of each row a prompt, `tokens` in all."""
    rng, rows, left = random.Random(0), [], tokens
    while left > 1:
        size = min(left, rng.randint(max(2, tokens // 32), max(3, tokens // 4)))
        ids = [rng.randrange(3, vocabulary) for _ in range(size)]
        rows.append({"ids": ids, "start": max(1, size * 2 // 5)})
        left -= size
    return rows


def make_base(folder: Path, tiny: bool) -> None:
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(0)
    config = Qwen2Config(**(TINY if tiny else SHAPE))
    Qwen2ForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)


def ours(folder: Path, rows: list[dict[str, Any]], nf4: bool) -> Step:
    from lemmata.train import base_model
    from lemmata.train.objectives import Objective
    from lemmata.train.recipe import from_fields
    from lemmata.train.rows import Row
    from lemmata.train.step import Gradients, Stepper, Task, optimiser_of

    recipe = from_fields({
        "name": "bench", "data": "rows", "quantisation": "nf4" if nf4 else "none",
        "pack_tokens": sum(len(row["ids"]) for row in rows),
    })  # fmt: skip
    model = base_model.load(folder, recipe).train()
    parameters = base_model.trainable(model)
    optimiser = optimiser_of(parameters, recipe)
    stepper = Stepper(recipe, parameters, Gradients(recipe, model, Objective(recipe)))
    made = tuple(
        Row(tuple(r["ids"]), r["start"], (0,) * (len(r["ids"]) - r["start"])) for r in rows
    )
    return lambda: (stepper.step(optimiser, 1e-4, Task(1, 0, made)), None)[1]


def trl(folder: Path, rows: list[dict[str, Any]], nf4: bool, liger: bool) -> Step:
    """TRL without padding and without checkpointing; one call is a forward, a backward, a step."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from tokenizers import Tokenizer, models
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig, PreTrainedTokenizerFast
    from trl import SFTConfig, SFTTrainer

    quantised = BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )  # fmt: skip
    where = "cuda" if torch.cuda.is_available() else "cpu"
    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.bfloat16, device_map={"": where},
        quantization_config=quantised if nf4 else None,
    )  # fmt: skip
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel({"a": 0, "b": 1}, "a")), pad_token="a",
        eos_token="b",
    )  # fmt: skip
    data = Dataset.from_list([
        {"input_ids": row["ids"],
         "completion_mask": [int(at >= row["start"]) for at in range(len(row["ids"]))]}
        for row in rows
    ])  # fmt: skip
    with tempfile.TemporaryDirectory() as out:
        trainer = SFTTrainer(
            model, train_dataset=data, processing_class=tokenizer,
            args=SFTConfig(
                output_dir=out, per_device_train_batch_size=len(rows), max_length=None,
                padding_free=True, gradient_checkpointing=False, completion_only_loss=True,
                bf16=where == "cuda", use_cpu=where == "cpu", use_liger_kernel=liger,
                report_to="none", learning_rate=1e-4, max_steps=1,
            ),
            peft_config=LoraConfig(r=8, lora_alpha=16, lora_dropout=0.05, task_type="CAUSAL_LM",
                                   target_modules=["q_proj", "v_proj"]),
        )  # fmt: skip
    batch = trainer.data_collator([trainer.train_dataset[i] for i in range(len(rows))])
    optimiser = torch.optim.AdamW([p for p in trainer.model.parameters() if p.requires_grad])

    def step() -> None:
        inputs = trainer._prepare_inputs(dict(batch))
        labels = (inputs["labels"] != -100).sum()
        with trainer.compute_loss_context_manager():
            loss = trainer.compute_loss(trainer.model, inputs, num_items_in_batch=labels)
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()

    return step


def measure(peer: str, folder: Path, tiny: bool, tokens: int, steps: int) -> dict[str, Any]:
    """One peer, in this process."""
    import torch

    config = TINY if tiny else SHAPE
    rows = rows_of(tokens, config["vocab_size"])
    nf4, liger = "nf4" in peer, "liger" in peer
    run = ours(folder, rows, nf4) if peer.startswith("ours") else trl(folder, rows, nf4, liger)
    seconds = []
    for _ in range(steps + 1):
        began = time.perf_counter()
        run()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - began)
    median = statistics.median(seconds[1:])
    peak = (
        torch.cuda.max_memory_allocated() if torch.cuda.is_available()
        else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    )  # fmt: skip
    return {"peer": peer, "tokens_per_s": tokens / median, "seconds": seconds[1:],
            "peak_gib": peak / 2**30, "flops": needed(folder, rows)}  # fmt: skip


def needed(folder: Path, rows: list[dict[str, Any]]) -> int:
    """FLOPs of the products of a step: frozen weights forward and for the input's gradient, the
    head at labels, and 6 L^2 d of attention for a causal row of L tokens."""
    from lemmata.train import plan

    shape = plan.read_shape(folder)
    tokens = sum(len(row["ids"]) for row in rows)
    labels = sum(len(row["ids"]) - row["start"] for row in rows)
    squares = sum(len(row["ids"]) ** 2 for row in rows)
    own = 6 * squares * shape.layers * shape.heads * shape.head_dim
    return plan.flops(shape, tokens, labels) + own


def one(peer: str, folder: Path, args: argparse.Namespace) -> dict[str, Any]:
    """One peer in a process of its own; what is not installed or does not fit is told."""
    if "liger" in peer and not find_spec("liger_kernel"):
        return {"peer": peer, "missing": "liger-kernel is not installed"}
    words = [sys.executable, __file__, "--peer", peer, "--folder", str(folder),
             "--tokens", str(args.tokens), "--steps", str(args.steps)]  # fmt: skip
    done = subprocess.run(
        words + ["--tiny"] * args.tiny, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return {"peer": peer, "missing": last}
    return json.loads(done.stdout.strip().splitlines()[-1])


def told(found: list[dict[str, Any]], peak: float | None) -> str:
    lines = ["| | tokens/s | MFU | peak GiB |", "|---|---|---|---|"]
    for item in found:
        if "missing" in item:
            lines.append(f"| {item['peer']} | {item['missing']} | | |")
            continue
        rate = item["flops"] / statistics.median(item["seconds"])
        item["mfu"] = rate / (peak * 1e12) if peak else None
        share = f"{item['mfu']:.3f}" if peak else ""
        lines.append(f"| {item['peer']} | {item['tokens_per_s']:.0f} | {share} "
                     f"| {item['peak_gib']:.2f} |")  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=8192, help="of a step")
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--peak-tflops", type=float, help="of the GPU in bf16, for MFU")
    parser.add_argument("--peers", nargs="+", default=PEERS, choices=PEERS)
    parser.add_argument("--tiny", action="store_true", help="a small model, on a CPU as well")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.peer:
        print(json.dumps(measure(args.peer, args.folder, args.tiny, args.tokens, args.steps)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_base(folder, args.tiny)
        found = [one(peer, folder, args) for peer in args.peers]
    print(told(found, args.peak_tflops))
    if args.out:
        args.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
