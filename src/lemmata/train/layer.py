"""One decoder layer of the Llama and Qwen2 families, forward and backward by hand.

Autograd of the reference implementation keeps every intermediate, makes each gradient in a buffer
of its own and asks for a full attention mask. Here a layer keeps its input, the projected q, k, v,
the attention's output, the state between its halves and the two inputs of the gate; all else is
made again for less than it costs to keep. The frozen weights get no gradient, those that read the
same input (q, k, v; gate, up) are one matrix, and elementwise work is done in place. A test holds
states and gradients to those of transformers with PEFT.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from lemmata.train import products
from lemmata.train.attention import Attention, rotate


@dataclass(frozen=True, slots=True)
class Adapted:
    """An adapted linear: its columns in the group's output, and PEFT's scale alpha / r."""

    columns: slice
    scale: float


@dataclass(frozen=True, slots=True)
class Group:
    """Frozen linears that read the same input, with LoRA on some. Each adapted one has two
    parameters in a layer's list, A [r, in] and B [out, r], the first of them at `first`."""

    frozen: Any
    bias: torch.Tensor | None
    adapted: tuple[Adapted, ...]
    first: int

    @property
    def own(self) -> slice:
        """Where the group's A, B, A, B, … stand among the layer's parameters."""
        return slice(self.first, self.first + 2 * len(self.adapted))


@dataclass(frozen=True, slots=True)
class Layer:
    """A decoder layer's frozen parts. `norms` are the weights before attention and before the MLP;
    `scale` is that of attention scores."""

    qkv: Group
    out: Group
    gate_up: Group
    down: Group
    norms: tuple[torch.Tensor, torch.Tensor]
    eps: float
    heads: tuple[int, int, int]

    @property
    def query(self) -> int:
        """Width of the queries, after which the keys stand."""
        return self.heads[0] * self.heads[2]


@dataclass(frozen=True, slots=True)
class Context:
    """What all layers of one forward pass share: the rows' bounds, rotary cosines and sines
    [n, head_dim / 2], and how dropout on the adapters' inputs is drawn."""

    attention: Attention
    cos: torch.Tensor
    sin: torch.Tensor
    dropout: float
    generator: torch.Generator | None


class DecoderLayer(torch.autograd.Function):
    """states [n, d] → states [n, d]; gradients for the states and the adapters' weights."""

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, layer: Layer, shared: Context, *weights: torch.Tensor
    ) -> torch.Tensor:
        masks = [_mask(group, x, shared) for group in (layer.qkv, layer.out)]
        h, r1 = _normed(x, layer.norms[0], layer.eps)
        qkv, low1 = _project(layer.qkv, h, weights, masks[0])
        rotate(qkv, layer.heads, shared.cos, shared.sin)
        seen, kept = shared.attention.forward(qkv, layer.heads)
        o, low2 = _project(layer.out, seen, weights, masks[1])
        between = o.add_(x)
        h, r2 = _normed(between, layer.norms[1], layer.eps)
        masks.append(_mask(layer.gate_up, x, shared))
        gu, low3 = _project(layer.gate_up, h, weights, masks[2])
        del h
        gate, up = gu.chunk(2, 1)
        act = functional.silu(gate).mul_(up)
        masks.append(_mask(layer.down, act, shared))
        y, low4 = _project(layer.down, act, weights, masks[3])
        ctx.fixed, ctx.weights = (layer, shared), weights
        ctx.kept = [x, r1, qkv, seen, kept, between, r2, gu, (low1, low2, low3, low4), masks]
        return y.add_(between)

    @staticmethod
    def backward(ctx: Any, dy: torch.Tensor) -> tuple[Any, ...]:
        layer, shared = ctx.fixed
        x, r1, qkv, seen, kept, between, r2, gu, lows, masks = ctx.kept
        ctx.kept = None  # the buffers are written over: a second backward has nothing to read
        weights, grads = ctx.weights, [None] * len(ctx.weights)
        gate, up = gu.chunk(2, 1)
        silu = functional.silu(gate)
        act = silu * up if layer.down.adapted else None
        da = _back(layer.down, dy, act, lows[3], weights, masks[3], grads)
        du = silu.mul_(da)
        dgate = torch.ops.aten.silu_backward(da.mul_(up), gate)
        gate.copy_(dgate)
        up.copy_(du)
        del silu, act, da, du, dgate
        h = between * r2
        dh = _back(layer.gate_up, gu, _read(layer.gate_up, h, layer.norms[1]),
                   lows[2], weights, masks[2], grads)  # fmt: skip
        del gu, gate, up
        dmid = _norm_back(dh, h, r2, layer.norms[1]).add_(dy)
        dseen = _back(layer.out, dmid, seen, lows[1], weights, masks[1], grads)
        dqkv = shared.attention.backward(dseen, qkv, seen, kept, layer.heads)
        rotate(dqkv, layer.heads, shared.cos, -shared.sin)
        h = x * r1
        wanted = ctx.needs_input_grad[0]
        dh = _back(layer.qkv, dqkv, _read(layer.qkv, h, layer.norms[0]), lows[0],
                   weights, masks[0], grads, wanted)  # fmt: skip
        dx = _norm_back(dh, h, r1, layer.norms[0]).add_(dmid) if wanted else None
        return dx, None, None, *grads


def _normed(x: torch.Tensor, weight: torch.Tensor, eps: float) -> tuple[torch.Tensor, torch.Tensor]:
    """RMSNorm of the rows, and 1 / their root mean square [n, 1], in float32 at least."""
    norm = torch.linalg.vector_norm(x, 2, -1, keepdim=True, dtype=_wide(x))
    inverse = norm.square_().div_(x.shape[1]).add_(eps).rsqrt_()
    return (x * inverse).to(x.dtype).mul_(weight), inverse


def _read(group: Group, h: torch.Tensor, weight: torch.Tensor) -> torch.Tensor | None:
    """What a group's adapters read, from the normed input before `weight`."""
    return h.to(weight.dtype) * weight if group.adapted else None


def _wide(x: torch.Tensor) -> torch.dtype:
    return torch.promote_types(x.dtype, torch.float32)


def _norm_back(
    dh: torch.Tensor, h: torch.Tensor, inverse: torch.Tensor, weight: torch.Tensor
) -> torch.Tensor:
    """Gradient of RMSNorm's input; `h` is the normed input before `weight`. Both are used up.

    With y = w * x / rms(x): dx = (w dy - h * mean(w dy * h)) / rms(x).
    """
    scaled = dh.mul_(weight)
    mean = (scaled * h).mean(-1, keepdim=True, dtype=_wide(h))
    return scaled.sub_(h.mul_(mean)).mul_(inverse).to(weight.dtype)


@dataclass(frozen=True, slots=True)
class _Mask:
    """Dropout of an input: what is kept [n, in], to be scaled `up` by 1 / (1 - p)."""

    keep: torch.Tensor | None
    up: float

    def kept(self, x: torch.Tensor) -> torch.Tensor:
        return x if self.keep is None else x * self.keep


_ALL = _Mask(None, 1.0)


def _mask(group: Group, like: torch.Tensor, shared: Context) -> _Mask:
    """Dropout of what a group's adapters read, one for all of them.

    Drawn 16 bits an element, four from each of the generator's numbers: drawing is the slow part.
    """
    if not group.adapted or not shared.dropout:
        return _ALL
    shape = (like.shape[0], group.frozen.width)
    count = shape[0] * shape[1]
    drawn = torch.empty(-(-count // 4), dtype=torch.int64, device=like.device)
    bits = drawn.random_(-(2**63), None, generator=shared.generator).view(torch.int16)
    keep = bits[:count].view(shape) >= round(shared.dropout * 65536) - 32768
    return _Mask(keep, 1 / (1 - shared.dropout))


def _project(
    group: Group, x: torch.Tensor, weights: tuple[torch.Tensor, ...], mask: _Mask
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """x W^T + bias + the adapters' part; also the adapters' low-rank states [n, sum of ranks]."""
    y = products.forward(x, group.frozen.dense(x.dtype), group.bias)
    if not group.adapted:
        return y, None
    own = weights[group.own]
    low = (mask.kept(x) @ torch.cat(own[::2]).to(x.dtype).T).mul_(mask.up)
    for one, b, part in zip(group.adapted, own[1::2], _ranks(own), strict=True):
        y[:, one.columns].addmm_(low[:, part], b.to(x.dtype).T, alpha=one.scale)
    return y, low


def _ranks(own: tuple[torch.Tensor, ...]) -> list[slice]:
    """Each adapter's columns of the low-rank states."""
    found, start = [], 0
    for a in own[::2]:
        found.append(slice(start, start + len(a)))
        start += len(a)
    return found


def _back(
    group: Group, dy: torch.Tensor, x: torch.Tensor | None, low: torch.Tensor | None,
    weights: tuple[torch.Tensor, ...], mask: _Mask, grads: list[Any],
    wanted: bool = True,
) -> torch.Tensor:  # fmt: skip
    """Gradient of the group's input; those of its adapters go into `grads`."""
    dx = products.backward(dy, group.frozen.dense(dy.dtype)) if wanted else dy
    if not group.adapted or x is None or low is None:
        return dx
    own = weights[group.own]
    dlow = torch.empty_like(low)
    for number, (one, part) in enumerate(zip(group.adapted, _ranks(own), strict=True)):
        b, out = own[2 * number + 1], dy[:, one.columns]
        torch.mm(out, b.to(dy.dtype), out=dlow[:, part])
        grads[group.first + 2 * number + 1] = (out.T @ low[:, part]).to(b.dtype).mul_(one.scale)
        dlow[:, part].mul_(one.scale * mask.up)
    a = torch.cat(own[::2])
    da = (dlow.T @ mask.kept(x)).to(a.dtype)
    grads[group.own.start : group.own.stop : 2] = [da[part] for part in _ranks(own)]
    if wanted:
        _add_kept(dx, dlow, a.to(dx.dtype), mask)
    return dx


def _add_kept(dx: torch.Tensor, dlow: torch.Tensor, a: torch.Tensor, mask: _Mask) -> None:
    if mask.keep is None:
        dx.addmm_(dlow, a)
    else:
        dx.add_((dlow @ a).mul_(mask.keep))
