"""Causal attention of packed rows, each within itself: no mask, no work between rows.

Rows of a pack may begin with tokens that they share (`batch`), which stand in it once. Each row's
attention then runs over those tokens and its own, as if it stood alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from typing import Any, Protocol

import torch
from torch.nn import functional

from lemmata.train import attention_scores
from lemmata.train.attention_scores import Heads


class Attention(Protocol):
    """The attention of one pack."""

    def forward(self, qkv: torch.Tensor, heads: Heads) -> tuple[torch.Tensor, Any]:
        """[n, q + k + v] → [n, q], and what the backward pass needs besides the two."""

    def backward(
        self, dout: torch.Tensor, qkv: torch.Tensor, out: torch.Tensor, kept: Any, heads: Heads
    ) -> torch.Tensor:
        """The gradient of qkv."""


def rotate(qkv: torch.Tensor, heads: Heads, cos: torch.Tensor, sin: torch.Tensor) -> None:
    """Rotary positions (arXiv:2104.09864) on queries and keys, in place; `cos` and `sin`
    [n, head / 2]. The inverse, which is also the gradient, takes -sin."""
    query, kv, width = heads
    both = qkv[:, : (query + kv) * width].view(len(qkv), query + kv, 2, width // 2)
    first, second = both[:, :, 0], both[:, :, 1]
    cos, sin = cos[:, None], sin[:, None]
    turned = first * sin
    first.mul_(cos).addcmul_(second, sin, value=-1)
    second.mul_(cos).add_(turned)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where rows stand in a pack: [0, shared) belongs to all, then each from one of `edges` to the
    next."""

    shared: int
    edges: tuple[int, ...]

    @classmethod
    def of(cls, segments: torch.Tensor) -> Bounds:
        """From a pack's segments: 0 for shared tokens, then 1, 2, … for the rows."""
        sizes = torch.bincount(segments).tolist()
        edges = [sizes[0]]
        for size in sizes[1:]:
            edges.append(edges[-1] + size)
        return cls(sizes[0], tuple(edges))

    def rows(self) -> Iterator[tuple[int, int]]:
        return pairwise(self.edges)

    @property
    def longest(self) -> int:
        return self.shared + max(stop - start for start, stop in self.rows())

    def gathered(self, x: torch.Tensor) -> torch.Tensor:
        """The rows behind one another, each with its own copy of the shared tokens."""
        if not self.shared:
            return x
        own = (torch.cat([x[: self.shared], x[start:stop]]) for start, stop in self.rows())
        return torch.cat(list(own))

    def spread(self, x: torch.Tensor) -> torch.Tensor:
        """An output gradient, gathered; the copies of shared tokens but the first have none."""
        full = self.gathered(x)
        if self.shared:
            for at in self.copies()[1:]:
                full[at : at + self.shared] = 0
        return full

    def once(self, x: torch.Tensor, total: bool) -> torch.Tensor:
        """The pack's tokens of gathered rows; those shared from the first, or as the sum of all."""
        if not self.shared:
            return x
        out = x.new_empty((self.edges[-1], *x.shape[1:]))
        out[: self.shared] = x[: self.shared]
        for number, (at, (start, stop)) in enumerate(zip(self.copies(), self.rows(), strict=True)):
            if number and total:
                out[: self.shared] += x[at : at + self.shared]
            out[start:stop] = x[at + self.shared : at + self.shared + stop - start]
        return out

    def copies(self) -> list[int]:
        """Where each gathered row begins."""
        return [
            number * self.shared + start - self.shared
            for number, (start, _) in enumerate(self.rows())
        ]

    def gathered_edges(self) -> list[int]:
        return [*self.copies(), (len(self.edges) - 1) * self.shared + self.edges[-1] - self.shared]


@dataclass(frozen=True, slots=True)
class RowByRow:
    """Row by row on a CPU: by torch's own flash kernel, where grouped queries read their keys
    without copies, as a batch whose stride is 0; in bf16, unless the row is long, by its scores."""

    bounds: Bounds

    def forward(self, qkv: torch.Tensor, heads: Heads) -> tuple[torch.Tensor, Any]:
        full = self.bounds.gathered(qkv)
        out = full.new_empty((len(full), heads[0] * heads[2]))
        sums: list[torch.Tensor | None] = []
        for row in self._rows():
            if _by_scores(full[row]):
                out[row] = attention_scores.forward(full[row], heads)
                sums.append(None)
                continue
            one, total = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
                *_split(full[row], heads), 0.0, True
            )
            _heads_of(out[row], heads).copy_(one)
            sums.append(total)
        return self.bounds.once(out, total=False), sums

    def backward(
        self, dout: torch.Tensor, qkv: torch.Tensor, out: torch.Tensor, kept: Any, heads: Heads
    ) -> torch.Tensor:
        bounds = self.bounds
        full, gradient = bounds.gathered(qkv), bounds.spread(dout)
        done = bounds.gathered(out)
        dqkv = torch.empty_like(full)
        for row, total in zip(self._rows(), kept, strict=True):
            if total is None:
                dqkv[row] = attention_scores.backward(gradient[row], full[row], heads)
                continue
            back = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward
            dq, dk, dv = back(
                _heads_of(gradient[row], heads), *_split(full[row], heads),
                _heads_of(done[row], heads), total, 0.0, True,
            )  # fmt: skip
            _join(dqkv[row], dq, dk, dv, heads)
        return bounds.once(dqkv, total=True)

    def _rows(self) -> list[slice]:
        edges = self.bounds.gathered_edges()
        return [slice(start, stop) for start, stop in pairwise(edges)]


def _by_scores(row: torch.Tensor) -> bool:
    return row.dtype == torch.bfloat16 and len(row) <= attention_scores.LONGEST


def _heads_of(x: torch.Tensor, heads: Heads) -> torch.Tensor:
    """[n, q] as [group, kv, n, width]: query head j * group + i reads key head j."""
    query, kv, width = heads
    return x.view(len(x), kv, query // kv, width).permute(2, 1, 0, 3)


def _split(qkv: torch.Tensor, heads: Heads) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Queries, keys and values as [group, kv, n, width], without copies."""
    query, kv, width = heads
    q, k, v = torch.split(qkv, [query * width, kv * width, kv * width], 1)
    keys, values = (
        x.view(len(x), kv, width).transpose(0, 1).expand(query // kv, kv, len(x), width)
        for x in (k, v)
    )
    return q.view(len(q), kv, query // kv, width).permute(2, 1, 0, 3), keys, values


def _join(
    into: torch.Tensor, dq: torch.Tensor, dk: torch.Tensor, dv: torch.Tensor, heads: Heads
) -> None:
    query, kv, width = heads
    q, k, v = torch.split(into, [query * width, kv * width, kv * width], 1)
    q.view(len(q), kv, query // kv, width).permute(2, 1, 0, 3).copy_(dq)
    for part, gradient in ((k, dk), (v, dv)):
        part.view(len(part), kv, width).transpose(0, 1).copy_(gradient.sum(0))


@dataclass(frozen=True, slots=True)
class ByAutograd:
    """Any attention that autograd knows, over the gathered rows: `run` takes q [m, heads, width],
    k and v [m, kv, width] and the rows' edges, and gives [m, heads, width]. For GPUs."""

    bounds: Bounds
    run: Callable[[torch.Tensor, torch.Tensor, torch.Tensor, list[int]], torch.Tensor]

    def forward(self, qkv: torch.Tensor, heads: Heads) -> tuple[torch.Tensor, Any]:
        full = self.bounds.gathered(qkv).detach().requires_grad_()
        with torch.enable_grad():
            query, kv, width = heads
            parts = torch.split(full, [query * width, kv * width, kv * width], 1)
            q, k, v = (part.view(len(full), -1, width) for part in parts)
            out = self.run(q, k, v, self.bounds.gathered_edges()).reshape(len(full), -1)
        return self.bounds.once(out.detach(), total=False).clone(), (full, out)

    def backward(
        self, dout: torch.Tensor, qkv: torch.Tensor, out: torch.Tensor, kept: Any, heads: Heads
    ) -> torch.Tensor:
        del qkv, out, heads
        full, done = kept
        (dqkv,) = torch.autograd.grad(done, full, self.bounds.spread(dout))
        return self.bounds.once(dqkv, total=True)


def flash(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, edges: list[int]) -> torch.Tensor:
    """Flash attention over rows of different lengths in one kernel."""
    from torch.nn.attention.varlen import varlen_attn

    bounds = torch.tensor(edges, dtype=torch.int32, device=q.device)
    longest = max(stop - start for start, stop in pairwise(edges))
    found = varlen_attn(
        q, k, v, bounds, bounds, longest, longest, window_size=(-1, 0), enable_gqa=True
    )
    assert isinstance(found, torch.Tensor)
    return found


def row_by_row(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, edges: list[int]) -> torch.Tensor:
    """Torch's scaled dot product attention, which picks a kernel itself, a row at a time."""
    outs = []
    for start, stop in pairwise(edges):
        one, two, three = (x[start:stop].transpose(0, 1)[None] for x in (q, k, v))
        done = functional.scaled_dot_product_attention(
            one, two, three, is_causal=True, enable_gqa=True
        )
        outs.append(done[0].transpose(0, 1))
    return torch.cat(outs)


def of(bounds: Bounds, like: torch.Tensor) -> Attention:
    """The attention for states such as `like`: on a CPU torch's flash kernel, on a GPU flash
    attention over all rows at once in 16 bits where the GPU has it, else row by row."""
    if like.device.type == "cpu":
        return RowByRow(bounds)
    return ByAutograd(bounds, flash if _has_flash(like) else row_by_row)


def _has_flash(like: torch.Tensor) -> bool:
    """Flash attention's kernels are for NVIDIA's Ampere and later."""
    if like.dtype not in {torch.bfloat16, torch.float16} or torch.version.hip:
        return False
    return find_spec("torch.nn.attention.varlen") is not None and (
        torch.cuda.get_device_capability(like.device) >= (8, 0)
    )
