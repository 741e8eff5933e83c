"""The base in torch with PEFT's adapters on it, one of them switched on at a time."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from lemmata.adapters import canonical
from lemmata.errors import AdapterRefused, ModelRefused
from lemmata.types import AdapterRef

CHUNK = 256
"""Prompt tokens in one forward pass: with a vocabulary of 150,000, logits of 150 MB."""


@dataclass(frozen=True, slots=True)
class Key:
    """What decides the weights that a text is computed with; None: the base."""

    sha256: str | None = None
    strength: float = 1.0


BASE = Key()


@contextmanager
def quiet() -> Iterator[None]:
    """Without the libraries' own bars and advice."""
    from transformers.utils import logging as bars

    bars.disable_progress_bar()
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", UserWarning)
        yield


def load(folder: Path, dtype: torch.dtype | None = None) -> Any:
    """A transformers causal language model out of a local folder, on the GPU where there is one.
    `dtype`: float32 on a CPU, bfloat16 on a GPU by default. Raises ModelRefused."""
    where = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    usual = torch.bfloat16 if where.type == "cuda" else torch.float32
    with quiet():
        from transformers import AutoModelForCausalLM

        try:
            model = AutoModelForCausalLM.from_pretrained(
                folder, dtype=dtype or usual, attn_implementation="sdpa", local_files_only=True,
                trust_remote_code=False, use_safetensors=True,
            )  # fmt: skip
        except (OSError, ValueError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            raise ModelRefused(f"transformers cannot load {folder.name}: {reason}") from error
        return model.to(where).eval()


class Model:
    """Not safe for threads: everything that computes happens on one. `base` is a transformers
    model; its weights are never changed."""

    def __init__(self, base: Any) -> None:
        self.config = base.config
        self.device: torch.device = base.device
        self._base = base
        self._peft: Any = None
        self._key = BASE

    def cache(self) -> Any:
        """An empty key-value cache for one text."""
        from transformers import DynamicCache

        return DynamicCache(config=self.config)

    @torch.inference_mode()
    def forward(self, tokens: list[int], cache: Any, key: Key, rows: int = 1) -> torch.Tensor:
        """Go on with `tokens` where `cache` ends, and fill it. Gives the logits of the last `rows`
        of them: [rows, vocabulary], float32 on the CPU."""
        self._use(key)
        ids = torch.tensor([tokens], device=self.device)
        made = self._base(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=rows)
        logits: torch.Tensor = made.logits[0].float().cpu()
        return logits

    def _use(self, key: Key) -> None:
        if key == self._key or (self._peft is None and key.sha256 is None):
            return
        with quiet():
            if key.sha256 is None:
                self._peft.base_model.disable_adapter_layers()
            else:
                self._peft.base_model.enable_adapter_layers()
                self._peft.base_model.set_adapter(_name(key.sha256), inference_mode=True)
                self._scale(_name(key.sha256), key.strength)
        self._key = key

    def _scale(self, name: str, strength: float) -> None:
        for module in self._layers(name):
            module.set_scale(name, strength)

    def _layers(self, name: str) -> Iterator[Any]:
        from peft.tuners.lora import LoraLayer

        for module in self._base.modules():
            if isinstance(module, LoraLayer) and name in module.scaling:
                yield module

    def add(self, ref: AdapterRef) -> None:
        """Put an adapter beside the others. Its folder is read and checked by our own reader; PEFT
        is handed numbers only. Raises AdapterRefused."""
        adapter = canonical.read(ref.path)
        if adapter.sha256() != ref.sha256:
            raise AdapterRefused(f"adapter {ref.name} is not what it was", "Load it again.")
        self._check_shapes(adapter)
        with quiet():
            self._inject(adapter, _name(ref.sha256))
        self._key = Key("", 0.0)  # whatever comes next has to switch

    def _check_shapes(self, adapter: canonical.Adapter) -> None:
        for part in adapter.weights.projections:
            path = part.key.removeprefix("base_model.model.")
            try:
                module = self._base.get_submodule(path)
            except AttributeError as error:
                raise AdapterRefused(f"this base has no {path}") from error
            wanted, shape = (part.b.shape[0], part.a.shape[1]), (
                module.out_features, module.in_features,
            )  # fmt: skip
            if wanted != shape:
                raise AdapterRefused(
                    f"its {path} is made for a weight of {wanted}, this base has {shape}"
                )

    def _inject(self, adapter: canonical.Adapter, name: str) -> None:
        from peft import LoraConfig, PeftModel, set_peft_model_state_dict

        parts = adapter.weights.projections
        config = LoraConfig(
            r=adapter.rank,
            lora_alpha=adapter.alpha,
            target_modules=[part.key.removeprefix("base_model.model.") for part in parts],
            task_type="CAUSAL_LM",
            inference_mode=True,
        )
        if self._peft is None:
            self._peft = PeftModel(self._base, config, adapter_name=name)
        else:
            self._peft.add_adapter(name, config)
        tensors = {}
        for part in parts:
            tensors[f"{part.key}.lora_A.weight"] = torch.from_numpy(part.a.copy())
            tensors[f"{part.key}.lora_B.weight"] = torch.from_numpy(part.b.copy())
        result = set_peft_model_state_dict(self._peft, tensors, adapter_name=name)
        assert not result.unexpected_keys, result.unexpected_keys

    def remove(self, sha256: str) -> None:
        """Free an adapter's weights; the base is bare again with the last one."""
        name = _name(sha256)
        with quiet():
            if len(self._peft.peft_config) == 1:
                self._base = self._peft.unload()
                self._peft = None
            else:
                self._peft.delete_adapter(name)
        self._key = BASE if self._peft is None else Key("", 0.0)


def _name(sha256: str) -> str:
    """PEFT makes it part of a module's name."""
    return f"lora_{sha256}"
