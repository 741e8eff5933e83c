"""Causal attention of one row with all its scores at once, for bf16 on a CPU.

torch's flash kernel for CPUs multiplies small tiles in float32, whatever it is given. In bf16 whole
products are several times faster, and up to some hundred tokens the scores fit into the caches.
"""

from __future__ import annotations

from functools import cache

import torch

Heads = tuple[int, int, int]
"""Query heads, key and value heads, width of a head."""
LONGEST = 1024
"""Tokens of the longest row that goes this way: its scores are [heads, 1024, 1024]."""


def forward(qkv: torch.Tensor, heads: Heads) -> torch.Tensor:
    """[n, q + k + v] → [n, q]."""
    q, k, v = _stacked(qkv, heads)
    return _flat(torch.bmm(_probabilities(q, k), v), len(qkv))


def backward(dout: torch.Tensor, qkv: torch.Tensor, heads: Heads) -> torch.Tensor:
    """The gradient of qkv. With P the probabilities and S the scores: dV = P^T dO,
    dS = P * (dO V^T - rowsum(P * dO V^T)), dQ = dS K, dK = dS^T Q, the last two scaled."""
    q, k, v = _stacked(qkv, heads)
    given = _by_key(dout, heads[1], heads[2])
    p = _probabilities(q, k)
    dv = torch.bmm(p.transpose(1, 2), given)
    dp = torch.bmm(given, v.transpose(1, 2))
    ds = torch.ops.aten._softmax_backward_data(dp, p, -1, p.dtype).mul_(heads[2] ** -0.5)
    dq, dk = torch.bmm(ds, k), torch.bmm(ds.transpose(1, 2), q)
    return torch.cat([_flat(one, len(qkv)) for one in (dq, dk, dv)], 1)


def _stacked(qkv: torch.Tensor, heads: Heads) -> list[torch.Tensor]:
    """Queries [kv, group * n, width], keys and values [kv, n, width]."""
    query, kv, width = heads
    parts = torch.split(qkv, [query * width, kv * width, kv * width], 1)
    return [_by_key(part, kv, width) for part in parts]


def _by_key(x: torch.Tensor, kv: int, width: int) -> torch.Tensor:
    """[n, kv * group * width] → [kv, group * n, width]: query head j * group + i reads key j."""
    return x.view(len(x), kv, -1, width).permute(1, 2, 0, 3).reshape(kv, -1, width)


def _flat(x: torch.Tensor, tokens: int) -> torch.Tensor:
    """The inverse of `_by_key`."""
    kv, _, width = x.shape
    return x.view(kv, -1, tokens, width).permute(2, 0, 1, 3).reshape(tokens, -1)


def _probabilities(q: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
    """Softmax of the scores, which torch sums in float32, [kv, group * n, n]."""
    mask = _mask(k.shape[1], q.shape[1] // k.shape[1], q.dtype)
    scores = torch.baddbmm(mask, q, k.transpose(1, 2), alpha=q.shape[-1] ** -0.5)
    return torch.softmax(scores, -1)


@cache
def _whole(dtype: torch.dtype) -> torch.Tensor:
    """0 where a token may look, -inf after it."""
    return torch.full((LONGEST, LONGEST), float("-inf"), dtype=dtype).triu_(1)


def _mask(tokens: int, group: int, dtype: torch.dtype) -> torch.Tensor:
    """[group * n, n]: the same for each query head of a group."""
    return _whole(dtype)[:tokens, :tokens].repeat(group, 1)
