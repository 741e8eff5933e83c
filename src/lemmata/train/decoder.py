"""The decoder as training runs it: the reference model's own weights through `layer`.

It is built on a PeftModel and takes its place for packs: the adapter's parameters and the norms are
those of the model, and its frozen linears become views into the joined matrices, so nothing is held
twice and the model stays usable as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

import torch

from lemmata.train import attention, pages
from lemmata.train.attention import Bounds
from lemmata.train.batch import Pack
from lemmata.train.frozen import Dense, frozen_of, own_copy
from lemmata.train.layer import Adapted, Context, DecoderLayer, Group, Layer

_FAMILIES = {"LlamaModel", "Qwen2Model"}
_GROUPS = (("q_proj", "k_proj", "v_proj"), ("o_proj",), ("gate_proj", "up_proj"), ("down_proj",))
_built: WeakKeyDictionary[Any, Decoder] = WeakKeyDictionary()


def of(model: Any) -> Decoder | None:
    """The decoder of a PeftModel, built at first; None for one that `layer` does not describe."""
    if model not in _built:
        decoder = model.get_base_model().model
        if not _fits(decoder):
            return None
        _built[model] = Decoder(decoder)
        _leave_file(model.get_base_model(), _built[model]._layers)
        pages.keep()  # the weights have their places; what follows are buffers
    return _built[model]


def _fits(decoder: Any) -> bool:
    """Whether the family's layer is the one that `layer` computes."""
    config = decoder.config
    window = getattr(config, "use_sliding_window", False)
    return type(decoder).__name__ in _FAMILIES and config.hidden_act == "silu" and not window


@dataclass(frozen=True, slots=True)
class _Built:
    """A layer with the adapters' parameters in the order of its groups."""

    layer: Layer
    weights: tuple[torch.nn.Parameter, ...]


class Decoder:
    """Packs to states. `first` is the lowest adapted layer: below it nothing is learnt."""

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder
        self._layers = [_layer(module, decoder.config) for module in decoder.layers]
        self.first = next((i for i, one in enumerate(self._layers) if one.weights), 0)
        self._plain = [_without(one) for one in self._layers]
        self._tuned = [module for module in decoder.modules() if hasattr(module, "lora_A")]

    @property
    def layers(self) -> int:
        return len(self._layers)

    @property
    def width(self) -> int:
        """Of a state."""
        return int(self._decoder.embed_tokens.weight.shape[1])

    @property
    def dtype(self) -> torch.dtype:
        found: torch.dtype = self._decoder.embed_tokens.weight.dtype
        return found

    @property
    def device(self) -> torch.device:
        found: torch.device = self._decoder.embed_tokens.weight.device
        return found

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        """Token ids [1, n] as states [n, d]."""
        states: torch.Tensor = self._decoder.embed_tokens(ids)[0]
        return states.detach()

    def run(
        self, states: torch.Tensor, pack: Pack, layers: Sequence[int], seed: int | None = None
    ) -> torch.Tensor:
        """States [n, d] through some layers. `seed` decides the dropout; None draws one."""
        context = self._context(states, pack, seed)
        adapted = self._adapted()
        for number in layers:
            if adapted and self._layers[number].weights:
                one = self._layers[number]
                states = DecoderLayer.apply(states, one.layer, context, *one.weights)  # type: ignore[no-untyped-call]
            else:
                states = DecoderLayer.apply(states, self._plain[number], context)  # type: ignore[no-untyped-call]
        return states

    def final(self, states: torch.Tensor) -> torch.Tensor:
        """The last norm, [1, n, d]."""
        normed: torch.Tensor = self._decoder.norm(states)[None]
        return normed

    def __call__(self, pack: Pack, seed: int | None = None) -> torch.Tensor:
        """The normed last states [1, n, d] of a pack."""
        with torch.no_grad():
            states = self.run(self.embed(pack.ids), pack, range(self.first), seed)
        return self.final(self.run(states, pack, range(self.first, self.layers), seed))

    def _context(self, states: torch.Tensor, pack: Pack, seed: int | None) -> Context:
        cos, sin = self._decoder.rotary_emb(states, pack.positions)
        half = cos.shape[-1] // 2
        generator = torch.Generator(states.device)
        drawn = int(torch.randint(2**62, ())) if seed is None else seed
        generator.manual_seed(drawn)
        return Context(
            attention.of(Bounds.of(pack.segments), states), cos[0, :, :half], sin[0, :, :half],
            self._dropout(), generator,
        )  # fmt: skip

    def _dropout(self) -> float:
        """0 in evaluation, as torch's Dropout has it."""
        if not self._decoder.training:
            return 0.0
        rates = (
            module.p for one in self._tuned for module in one.lora_dropout.children()
            if isinstance(module, torch.nn.Dropout)
        )  # fmt: skip
        return next(rates, 0.0)

    def _adapted(self) -> bool:
        """Whether the adapter is on: PEFT can turn it off for a while."""
        return not any(module.disable_adapters for module in self._tuned)


def _layer(module: Any, config: Any) -> _Built:
    weights: list[torch.nn.Parameter] = []
    qkv, out, gate_up, down = (_group(_linears(module, names), weights) for names in _GROUPS)
    heads = config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    norms = (module.input_layernorm, module.post_attention_layernorm)
    layer = Layer(
        qkv, out, gate_up, down, (norms[0].weight, norms[1].weight), config.rms_norm_eps,
        (heads, config.num_key_value_heads, width),
    )  # fmt: skip
    return _Built(layer, tuple(weights))


def _leave_file(model: Any, built: Sequence[_Built]) -> None:
    """Copy what is still mapped from the weights' file: a mapping that one tensor holds keeps the
    pages of all in memory, beside the joined copies of them."""
    owned = {
        group.frozen.weight.untyped_storage().data_ptr()
        for one in built
        for group in (one.layer.qkv, one.layer.out, one.layer.gate_up, one.layer.down)
        if isinstance(group.frozen, Dense)
    }
    for parameter in model.parameters():
        mapped = parameter.device.type == "cpu" and not parameter.requires_grad
        if mapped and parameter.untyped_storage().data_ptr() not in owned:
            own_copy(parameter)


def _without(one: _Built) -> Layer:
    """The same layer with its adapters off."""
    layer = one.layer
    qkv, out, gate_up, down = (
        replace(group, adapted=()) for group in (layer.qkv, layer.out, layer.gate_up, layer.down)
    )
    return replace(layer, qkv=qkv, out=out, gate_up=gate_up, down=down)


def _linears(module: Any, names: Sequence[str]) -> list[Any]:
    parent = module.self_attn if hasattr(module.self_attn, names[0]) else module.mlp
    return [getattr(parent, name) for name in names]


def _group(modules: Sequence[Any], weights: list[Any]) -> Group:
    """Joins the frozen weights; appends the adapters' parameters to `weights`."""
    bases = [getattr(module, "base_layer", module) for module in modules]
    first, start, adapted = len(weights), 0, []
    for module, base in zip(modules, bases, strict=True):
        columns = slice(start, start + base.out_features)
        start = columns.stop
        if hasattr(module, "lora_A"):
            (name,) = module.active_adapters
            adapted.append(Adapted(columns, module.scaling[name]))
            weights += [module.lora_A[name].weight, module.lora_B[name].weight]
    return Group(frozen_of(bases), _bias(bases), tuple(adapted), first)


def _bias(bases: Sequence[Any]) -> torch.Tensor | None:
    parts = [base.bias for base in bases if base.bias is not None]
    return torch.cat(parts) if parts else None
