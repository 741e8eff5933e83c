"""The matrix products that a step cannot do without, and nothing else: what the processor allows.

For each pack of the step as ours makes them: every frozen linear forward and backward (the gradient
of its input; in the first layer that of q, k, v is not needed), the head at labelled positions both
ways. Attention's own products, 6 L^2 d of them for a causal row of L tokens, are counted at the
rate that these reach. By the faster of torch's libraries, as ours; in float32, or with
`limit.py TASK bf16` in bf16.
"""

from __future__ import annotations

import json
import os
import sys

import torch
from protocol import Clock, serve, task

from lemmata.train import pages, products
from lemmata.train.batch import pack
from lemmata.train.rows import Row, groups


def main() -> None:
    work = task()
    pages.keep()
    config = json.loads((work.base / "config.json").read_text())
    hidden, wide = config["hidden_size"], config["intermediate_size"]
    width = config.get("head_dim") or hidden // config["num_attention_heads"]
    query = config["num_attention_heads"] * width
    kv = config["num_key_value_heads"] * width
    torch.set_default_dtype(torch.bfloat16 if "bf16" in sys.argv else torch.float32)
    layers, vocabulary = config["num_hidden_layers"], config["vocab_size"]
    shapes = [(hidden, query + 2 * kv), (query, hidden), (hidden, 2 * wide), (wide, hidden)]
    weights = [[torch.randn(out, inp) for inp, out in shapes] for _ in range(layers)]
    head, chunks = torch.randn(vocabulary, hidden), work.chunks()
    most = int(os.environ.get("BENCH_PACK", "1024"))

    def step() -> dict:
        rows = [Row(tuple(r["ids"]), r["start"], (0,) * (len(r["ids"]) - r["start"]))
                for r in next(chunks)]  # fmt: skip
        total = {"seconds": 0.0, "cpu_s": 0.0, "flops": 0.0}
        for group in groups(rows, most):
            one = pack(group)
            done, took = run(one.ids.shape[1], one.label_tokens)
            own = layers * sum(6 * len(row.ids) ** 2 * query for row in group)
            for clock, seconds in took.items():
                total[clock] += seconds * (1 + own / done)
            total["flops"] += done + own
        return total | {"tokens": sum(len(r.ids) for r in rows)}

    def run(tokens: int, labels: int) -> tuple[int, dict[str, float]]:
        sizes = {n for shape in shapes for n in shape}
        inputs = {n: torch.randn(tokens, n) for n in sizes}
        states, logits = torch.randn(labels, hidden), torch.ones(labels, vocabulary)
        count, clock = 4 * labels * vocabulary * hidden, Clock()
        for number, layer in enumerate(weights):
            for place, weight in enumerate(layer):
                out, inp = weight.shape
                products.forward(inputs[inp], weight, None)
                count += 2 * tokens * out * inp
                if number or place:
                    products.backward(inputs[out], weight)
                    count += 2 * tokens * out * inp
        products.forward(states, head, None)
        products.backward(logits, head)
        return count, clock.read()

    serve(step, lambda: 0.0)


if __name__ == "__main__":
    main()
