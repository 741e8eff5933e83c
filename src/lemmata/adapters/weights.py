"""What an adapter's tensors mean: pairs of A and B for the projections of a layer.

Only LoRA on the seven projections of a Qwen2 or Llama layer passes, in PEFT's names without an
adapter name inside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from lemmata.errors import AdapterRefused

Floats = npt.NDArray[np.float32]
Dtype = Literal["F32", "F16", "BF16"]

LARGEST_RANK = 512
_PARTS = "q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj"
_KEY = re.compile(
    r"base_model\.model\.model\.layers\.(0|[1-9]\d{0,3})\."
    rf"(self_attn|mlp)\.({_PARTS})\.lora_([AB])\.weight"
)


@dataclass(frozen=True, slots=True)
class Projection:
    """LoRA on one projection: the layer's weight W becomes W + scale * B @ A.

    `a` is [rank, in], `b` [out, rank]. `part` is e.g. "self_attn.q_proj".
    """

    layer: int
    part: str
    a: Floats
    b: Floats

    @property
    def rank(self) -> int:
        return int(self.a.shape[0])

    @property
    def key(self) -> str:
        """PEFT's name of the module, without `.lora_A.weight`."""
        return f"base_model.model.model.layers.{self.layer}.{self.part}"


@dataclass(frozen=True, slots=True)
class Weights:
    """All projections, sorted by layer and part, and the type they are stored in."""

    projections: tuple[Projection, ...]
    dtype: Dtype

    @property
    def modules(self) -> tuple[str, ...]:
        """What PEFT calls target_modules, sorted: ("q_proj", "v_proj")."""
        return tuple(sorted({p.part.rsplit(".", 1)[1] for p in self.projections}))

    @property
    def layers(self) -> tuple[int, ...]:
        return tuple(sorted({p.layer for p in self.projections}))


def collect(tensors: Mapping[str, Floats], dtype: Dtype) -> Weights:
    """Pair A with B. Raises AdapterRefused for unknown names, lone halves, shapes that cannot
    be, ranks over LARGEST_RANK and values that are not finite."""
    halves: dict[tuple[int, str], dict[str, Floats]] = {}
    for name, value in tensors.items():
        found = _KEY.fullmatch(name)
        if found is None or not _belongs(found[2], found[3]):
            raise AdapterRefused(f"{name!r} is no LoRA weight of a layer this engine can serve")
        half = halves.setdefault((int(found[1]), f"{found[2]}.{found[3]}"), {})
        half[found[4]] = value
    if not halves:
        raise AdapterRefused("the adapter holds no weights")
    pairs = [_projection(*place, half) for place, half in sorted(halves.items())]
    _check_alike(pairs)
    return Weights(tuple(pairs), dtype)


def _belongs(block: str, part: str) -> bool:
    return (block == "self_attn") == (part[:2] in {"q_", "k_", "v_", "o_"})


def _projection(layer: int, part: str, half: dict[str, Floats]) -> Projection:
    if set(half) != {"A", "B"}:
        raise AdapterRefused(f"layer {layer} {part} has lora_{next(iter(half))} only")
    a, b = half["A"], half["B"]
    if a.ndim != 2 or b.ndim != 2 or a.shape[0] != b.shape[1]:
        raise AdapterRefused(f"layer {layer} {part}: A {a.shape} and B {b.shape} do not multiply")
    if not 1 <= a.shape[0] <= LARGEST_RANK or not a.size or not b.size:
        raise AdapterRefused(f"layer {layer} {part} has rank {a.shape[0]} (1 to {LARGEST_RANK})")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise AdapterRefused(f"layer {layer} {part} holds values that are not finite")
    return Projection(layer, part, a, b)


def _check_alike(pairs: list[Projection]) -> None:
    sizes: dict[str, tuple[int, int]] = {}
    for pair in pairs:
        size = (pair.b.shape[0], pair.a.shape[1])
        if sizes.setdefault(pair.part, size) != size:
            raise AdapterRefused(
                f"{pair.part} is {sizes[pair.part]} in one layer, {size} in another"
            )
