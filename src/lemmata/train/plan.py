"""What a recipe will cost, before it runs: tokens, steps, memory, time. Needs no GPU and no torch.

Memory counts what LoRA training must hold at its peak:

    base        2 bytes a weight in bf16, 4 in fp32; NF4: 4 bits a linear weight and one fp32
                scale for 64 of them, quantised again (QLoRA, arXiv:2305.14314), the rest in bf16
    adapter     16 bytes a trainable weight: fp32 value, gradient and AdamW's two moments
    activations what the backward pass reads again (`layer`), in each layer from the first adapted
                one on: its two states, q, k, v, the attention's output, the gate's two inputs, and
                a byte of dropout for an input that adapters read
    work        the larger of two that pass: logits of a chunk of labelled tokens in fp32 and as
                much again with the gradient of every labelled state; or one layer's backward pass,
                with its joined weights unpacked where they are in 4 bits

Time counts 2 FLOPs a weight and token forward and as much backward (frozen weights need no gradient
of their own), the head at labelled tokens only, at the rate of this machine or one that is given.
Layers below the first adapted one run forward only, once a row where their states are kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lemmata.errors import BadRecipe, ModelRefused
from lemmata.train import variants
from lemmata.train.recipe import Recipe
from lemmata.train.rows import HEAD_ROWS, Row, groups, schedule, size

GIB = 1024**3
Precision = Literal["fp32", "bf16", "nf4"]
"""Of the base; its states are bf16 in the latter two."""
_NF4_BYTES = 0.5 + 1.03125 / 64
"""A weight and its share of the block's scale: 8 bits, and 32 bits for 256 scales."""
_ADAPTER_BYTES = 16
_WORKSPACE = 0.06
"""Fragments and buffers of the libraries, as a share of all else."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a Llama- or Qwen2-family model, from its config.json."""

    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    tied: bool
    positions: int | None = None
    """Longest text that the base was made for; None: its config does not say."""

    @property
    def linear(self) -> int:
        """Weights of all linear layers in the blocks."""
        query, kv = self.heads * self.head_dim, self.kv_heads * self.head_dim
        attention = 2 * self.hidden * query + 2 * self.hidden * kv
        return self.layers * (attention + 3 * self.hidden * self.intermediate)

    @property
    def embedding(self) -> int:
        return self.vocabulary * self.hidden

    @property
    def parameters(self) -> int:
        norms = (2 * self.layers + 1) * self.hidden
        return self.linear + norms + self.embedding * (1 if self.tied else 2)

    def adapted(self, rank: int, modules: tuple[str, ...]) -> int:
        """Trainable weights of LoRA at this rank. Raises BadRecipe for an unknown module."""
        query, kv = self.heads * self.head_dim, self.kv_heads * self.head_dim
        sides = {
            "q_proj": self.hidden + query, "o_proj": self.hidden + query,
            "k_proj": self.hidden + kv, "v_proj": self.hidden + kv,
            "gate_proj": self.hidden + self.intermediate,
            "up_proj": self.hidden + self.intermediate,
            "down_proj": self.hidden + self.intermediate,
        }  # fmt: skip
        for name in modules:
            if name not in sides:
                raise BadRecipe(
                    f"there is no module {name!r} to adapt", f"There are: {', '.join(sides)}."
                )
        return self.layers * rank * sum(sides[name] for name in modules)


def read_shape(folder: Path) -> Shape:
    """The shape of the model in a Hugging Face folder. Raises ModelRefused."""
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
        heads = config["num_attention_heads"]
        return Shape(
            layers=config["num_hidden_layers"],
            hidden=config["hidden_size"],
            intermediate=config["intermediate_size"],
            heads=heads,
            kv_heads=config.get("num_key_value_heads", heads),
            head_dim=config.get("head_dim") or config["hidden_size"] // heads,
            vocabulary=config["vocab_size"],
            tied=config.get("tie_word_embeddings", False),
            positions=config.get("max_position_embeddings"),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelRefused(f"{folder} has no readable config.json") from error


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes at the peak of a step."""

    base: int
    adapter: int
    activations: int
    work: int

    @property
    def total(self) -> int:
        return round((self.base + self.adapter + self.activations + self.work) * (1 + _WORKSPACE))


def memory(
    shape: Shape,
    trainable: int,
    pack_tokens: int,
    label_tokens: int,
    precision: Precision,
    layers: int | None = None,
) -> Memory:
    """The peak for packs of `pack_tokens`, of which `label_tokens` carry a label; `layers` are
    those from the first adapted one on, None: all."""
    width = 4 if precision == "fp32" else 2
    rest = shape.parameters - shape.linear
    linear = shape.linear * (_NF4_BYTES if precision == "nf4" else width)
    head = 2 * 4 * min(label_tokens, HEAD_ROWS) * shape.vocabulary
    head += 3 * label_tokens * shape.hidden * width
    layer = pack_tokens * (4 * shape.intermediate + 2 * shape.hidden) * width
    if precision == "nf4":
        layer += 2 * 2 * shape.hidden * shape.intermediate * width
    return Memory(
        base=round(linear + rest * width),
        adapter=trainable * _ADAPTER_BYTES,
        activations=pack_tokens * (layers or shape.layers) * _layer_bytes(shape, width),
        work=max(head, layer),
    )


def _layer_bytes(shape: Shape, width: int) -> int:
    """Bytes a layer keeps of one token for the backward pass."""
    query, kv = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    states = 2 * shape.hidden + 2 * query + 2 * kv + 2 * shape.intermediate
    return states * width + shape.hidden + 4 * (shape.heads + 2)


def flops(shape: Shape, tokens: int, label_tokens: int, above: float = 1.0) -> int:
    """Forward and backward of `tokens` through the share `above` of the layers, without attention's
    own products, which are small below some thousand tokens."""
    return 4 * round(shape.linear * above * tokens + shape.embedding * label_tokens)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will take. `tokens` are all that run in all epochs, without padding."""

    rows: int
    tokens: int
    label_tokens: int
    longest: int
    steps: int
    trainable: int
    parameters: int
    memory: Memory
    precision: Precision
    seconds: float

    @property
    def share(self) -> float:
        """Trainable weights over all."""
        return self.trainable / self.parameters


def precision_of(recipe: Recipe) -> Precision:
    """What a recipe asks for, on a CPU where it leaves that open."""
    if recipe.quantisation == "nf4":
        return "nf4"
    return "bf16" if recipe.precision == "bf16" else "fp32"


def check_fits(plan: Plan, limit: float) -> None:
    """Raises BadRecipe where the peak is over `limit` bytes, with what would help most."""
    if plan.memory.total <= limit:
        return
    if plan.memory.base > limit:
        mend = "Take a smaller base, or quantisation=nf4."
    else:
        mend = "Lower pack_tokens: activations grow with it."
    raise BadRecipe(
        f"the run needs {plan.memory.total / GIB:.1f} GiB and there are {limit / GIB:.1f}", mend
    )


def make(
    recipe: Recipe,
    rows: Sequence[Row],
    shape: Shape,
    precision: Precision,
    rate: float,
    steps: Sequence[Sequence[int]] = (),
) -> Plan:
    """The plan of a recipe on its rendered rows; `rate` in FLOP/s. `steps` are row numbers by step
    (`stages.Course.planned`); without them all rows are one stage."""
    steps = steps or schedule(len(rows), recipe.rows_per_step, recipe.epochs, recipe.seed)
    packed = [
        group
        for step in steps
        for group in groups([rows[number] for number in step], recipe.pack_tokens)
    ]
    labels = [sum(len(row.ids) - row.start for row in group) for group in packed]
    sizes = [size(group) for group in packed]
    adapted = len(variants.layers(recipe, shape.layers) or range(shape.layers))
    above = adapted / shape.layers
    trainable = round(shape.adapted(variants.rank(recipe), recipe.target_modules) * above)
    kept = recipe.cache_gib > 0
    below = sum(len(row.ids) for row in rows) if kept else sum(sizes)
    work = flops(shape, sum(sizes), sum(labels), above)
    work += 2 * round(shape.linear * (1 - above) * below)
    return Plan(
        rows=len(rows),
        tokens=sum(sizes),
        label_tokens=sum(labels),
        longest=max(len(row.ids) for row in rows),
        steps=len(steps),
        trainable=trainable,
        parameters=shape.parameters,
        memory=memory(shape, trainable, max(sizes), max(labels), precision, adapted),
        precision=precision,
        seconds=work / rate,
    )
