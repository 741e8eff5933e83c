"""Products with frozen weights, by the faster of torch's two libraries for float32 on a CPU.

torch multiplies float32 matrices with MKL, which on AMD's processors leaves AVX-512 unused: there
oneDNN, which torch carries for other precisions, does more than twice as many a second. Both round
as float32 does, only their sums are in another order. Which one it is follows from the processor
alone and never from a measurement, so that a run ends in the same bits every time.
"""

from __future__ import annotations

import platform
from functools import cache
from pathlib import Path

import torch

CPUINFO = Path("/proc/cpuinfo")


def forward(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    """x W^T + bias: [n, in] and [out, in] to [n, out]."""
    if x.dtype == torch.float32 and x.device.type == "cpu" and by_onednn():
        return _onednn(x, weight, bias)
    return x @ weight.T if bias is None else torch.addmm(bias, x, weight.T)


def backward(dy: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """dy W, the gradient of x: [n, out] and [out, in] to [n, in]."""
    if dy.dtype == torch.float32 and dy.device.type == "cpu" and by_onednn():
        return _onednn(dy, weight.T, None)
    return dy @ weight


def _onednn(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    """The operator that torch's own compiler puts in for linear layers on CPUs."""
    found: torch.Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
    return found


@cache
def by_onednn() -> bool:
    """Whether this processor is one of those."""
    return (
        torch.backends.mkl.is_available()  # type: ignore[no-untyped-call]
        and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        and torch.backends.cpu.get_cpu_capability() == "AVX512"
        and "AuthenticAMD" in _vendor()
    )


def _vendor() -> str:
    """Linux says it in a file, Windows among the processor's names."""
    if not CPUINFO.exists():
        return platform.processor()
    with CPUINFO.open(errors="replace") as file:
        return next((line for line in file if line.startswith("vendor_id")), "")
