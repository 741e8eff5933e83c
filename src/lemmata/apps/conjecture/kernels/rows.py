"""The rows of a vector evaluation: the value of every variable in each of them."""

from __future__ import annotations

import numpy as np

from lemmata.apps.conjecture.kernels import vectors as v
from lemmata.apps.conjecture.kernels.vectors import Array, Ints, Reals, Value

Rows = dict[str, Value]


def height(rows: Rows, *more: Array) -> int:
    """How many rows there are."""
    heights = [array.shape[0] for array in more if array.ndim]
    for value in rows.values():
        array = value.values if isinstance(value, Ints) else v.real(value).low
        heights += [array.shape[0]] if array.ndim else []
    return max(heights, default=1)


def first(value: Value) -> Value:
    """A one-row value as one for all rows."""
    match value:
        case Ints(values, bad):
            return Ints(
                values.reshape(-1)[0].reshape(()), None if bad is None else np.asarray(bad.any())
            )
        case Reals(low, high, bad):
            ends = low.reshape(-1)[0].reshape(()), high.reshape(-1)[0].reshape(())
            return Reals(*ends, None if bad is None else np.asarray(bad.any()))
    raise TypeError("no variable holds a truth")


def spread(value: Value, count: int) -> Value:
    """A value in `count` rows."""
    match value:
        case Ints(values, bad):
            spread = None if bad is None else np.broadcast_to(bad, (count,))
            return Ints(np.broadcast_to(values, (count,)), spread)
        case Reals(low, high, bad):
            spread = None if bad is None else np.broadcast_to(bad, (count,))
            return Reals(np.broadcast_to(low, (count,)), np.broadcast_to(high, (count,)), spread)
    raise TypeError("a sum has no truths as terms")
