"""Frozen linear weights as training multiplies by them: as they are, or 4-bit and unpacked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class Dense:
    """One matrix [out, in]."""

    weight: torch.Tensor

    @property
    def width(self) -> int:
        return self.weight.shape[1]

    def dense(self, dtype: torch.dtype) -> torch.Tensor:
        del dtype
        return self.weight


@dataclass(frozen=True, slots=True)
class Quantised:
    """NF4 weights of bitsandbytes (QLoRA, arXiv:2305.14314), unpacked for each product."""

    modules: tuple[Any, ...]

    @property
    def width(self) -> int:
        return int(self.modules[0].in_features)

    def dense(self, dtype: torch.dtype) -> torch.Tensor:
        """The joined matrix [out, in] in `dtype`; it lives for one product."""
        from bitsandbytes.functional import dequantize_4bit

        parts = [dequantize_4bit(one.weight.data, one.weight.quant_state) for one in self.modules]
        return torch.cat([part.to(dtype) for part in parts])


def frozen_of(modules: Sequence[Any]) -> Dense | Quantised:
    """The frozen part of linears that read the same input; dense ones become views into one."""
    if hasattr(modules[0].weight, "quant_state"):
        return Quantised(tuple(modules))
    if len(modules) == 1:
        own_copy(modules[0].weight)
        return Dense(modules[0].weight.detach())
    joined = torch.cat([module.weight.detach() for module in modules])
    start = 0
    for module in modules:
        module.weight.data = joined[start : start + module.out_features]
        start += module.out_features
    return Dense(joined)


def own_copy(parameter: torch.Tensor) -> None:
    """Move a parameter out of the file that it is mapped from; on a GPU it is out already."""
    if parameter.device.type == "cpu" and not hasattr(parameter, "quant_state"):
        parameter.data = parameter.data.clone()
