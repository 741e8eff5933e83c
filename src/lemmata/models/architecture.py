"""The shape of a Qwen2- or Llama-family model, free of any file format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Family = Literal["qwen2", "llama"]
ScalingType = Literal["linear", "yarn", "llama3"]
FAMILIES: tuple[Family, ...] = ("qwen2", "llama")


@dataclass(frozen=True, slots=True)
class RopeScaling:
    """How rotary frequencies are stretched beyond the trained context (tokens)."""

    type: ScalingType
    factor: float
    original_context: int | None = None
    low_freq_factor: float = 1.0
    high_freq_factor: float = 4.0
    """The last two: llama3 only."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """Hyperparameters; sizes in elements, `context` in tokens."""

    family: Family
    layers: int
    hidden: int
    feed_forward: int
    heads: int
    kv_heads: int
    head_size: int
    context: int
    norm_eps: float
    rope_theta: float
    vocabulary: int
    tied: bool
    """Whether the output projection is the embedding."""
    rope_scaling: RopeScaling | None = None

    def divisors(self) -> npt.NDArray[np.float32]:
        """What libllama divides each rotary frequency by, [head_size / 2]; the llama3 rule.

        From Hugging Face's `_compute_llama3_parameters`: long wavelengths are divided by `factor`,
        short ones kept, those between blended by their position.
        """
        assert self.rope_scaling is not None
        scaling, context = self.rope_scaling, self.rope_scaling.original_context or self.context
        exponents = np.arange(0, self.head_size, 2, dtype=np.float64) / self.head_size
        wavelengths = 2 * np.pi * self.rope_theta**exponents
        low, high = scaling.low_freq_factor, scaling.high_freq_factor
        blend = np.clip((context / wavelengths - low) / (high - low), 0.0, 1.0)
        return (1.0 / ((1 - blend) / scaling.factor + blend)).astype(np.float32)
