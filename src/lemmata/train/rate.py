"""How fast this machine multiplies matrices of a model's own shapes."""

from __future__ import annotations

import time
from collections.abc import Callable

from lemmata.train.plan import Precision, Shape

_SECONDS = 0.5


def of_products(shape: Shape, rows: int, precision: Precision) -> float:
    """FLOP/s of `rows` tokens through the widest layer, the best of half a second of tries. bf16 is
    measured by torch; where that is not installed, and for NF4, the rate is that of float32."""
    product = _bf16(shape, rows) if precision == "bf16" else _float32(shape, rows)
    work = 2 * rows * shape.hidden * shape.intermediate
    best, until = 0.0, time.perf_counter() + _SECONDS
    while not best or time.perf_counter() < until:
        began = time.perf_counter()
        product()
        best = max(best, work / (time.perf_counter() - began))
    return best


def _float32(shape: Shape, rows: int) -> Callable[[], object]:
    import numpy as np

    rng = np.random.default_rng(0)
    left = rng.standard_normal((rows, shape.hidden), dtype=np.float32)
    right = rng.standard_normal((shape.hidden, shape.intermediate), dtype=np.float32)
    return lambda: np.matmul(left, right)


def _bf16(shape: Shape, rows: int) -> Callable[[], object]:
    try:
        import torch
    except ModuleNotFoundError:
        return _float32(shape, rows)
    left = torch.randn(rows, shape.hidden, dtype=torch.bfloat16)
    right = torch.randn(shape.hidden, shape.intermediate, dtype=torch.bfloat16)
    return lambda: torch.mm(left, right)
