"""The base as torch sees it, with the adapter to be trained on it."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from lemmata.errors import BadRecipe, MissingExtra
from lemmata.train import decoder, pissa, variants
from lemmata.train.batch import Pack
from lemmata.train.recipe import Recipe

Model = Any
"""A PeftModel over a transformers causal language model; neither ships types."""


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def settled(recipe: Recipe) -> Recipe:
    """The recipe with its precision decided, so that a resumed run keeps it: auto is bf16 on a GPU
    and float32 on a CPU, of which few have instructions for bf16; others are many times slower."""
    if recipe.precision != "auto":
        return recipe
    return replace(recipe, precision="bf16" if device().type == "cuda" else "fp32")


def precision(recipe: Recipe) -> torch.dtype:
    """What the base and its states are held in."""
    return torch.bfloat16 if settled(recipe).precision == "bf16" else torch.float32


def load(folder: Path, recipe: Recipe) -> Model:
    """The base in `folder`, frozen, with a fresh LoRA. Raises BadRecipe.

    The adapter's weights are float32 whatever the base's precision.
    """
    with _quiet():
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM

        where, dtype = device(), precision(recipe)
        _check_bitsandbytes(recipe)
        base = AutoModelForCausalLM.from_pretrained(
            folder, dtype=dtype, attn_implementation="sdpa", local_files_only=True,
            device_map={"": where}, quantization_config=_quantisation(recipe, dtype),
        )  # fmt: skip
        _keep_packing(base)
        _check_targets(base, recipe.target_modules)
        torch.manual_seed(recipe.seed)
        rank = variants.rank(recipe)
        model = get_peft_model(
            base,
            LoraConfig(
                r=rank,
                lora_alpha=variants.scale(recipe) * rank,
                lora_dropout=recipe.lora_dropout,
                target_modules=list(recipe.target_modules),
                layers_to_transform=variants.layers(recipe, base.config.num_hidden_layers),
                bias=recipe.bias,
                task_type=recipe.task_type,
            ),
        )
        if recipe.init_lora_weights == "pissa":
            pissa.start_at_principal_part(tuned(model), recipe.lora_r)
        return model


def _check_bitsandbytes(recipe: Recipe) -> None:
    if recipe.quantisation == "nf4" and not find_spec("bitsandbytes"):
        raise MissingExtra("bitsandbytes", "qlora")


def _quantisation(recipe: Recipe, dtype: torch.dtype) -> Any:
    """NF4 with its scales quantised again, as in the QLoRA paper; None for weights as they are."""
    if recipe.quantisation == "none":
        return None
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )  # fmt: skip


def _keep_packing(base: Any) -> None:
    """bitsandbytes repacks 4-bit weights in place at the first evaluation on some CPUs, for good
    and not for every shape; training goes on afterwards and reads them as they were."""
    for module in base.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False


def tuned(model: Model) -> list[Any]:
    """PEFT's adapted linears."""
    return [module for module in model.modules() if hasattr(module, "lora_A")]


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the libraries' own bars and advice: PEFT calls what transformers deprecates, and
    bitsandbytes, which PEFT imports where it is installed, tells of kernels nobody asked for."""
    from transformers.utils import logging as bars

    bars.disable_progress_bar()
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


def _check_targets(base: Any, wanted: tuple[str, ...]) -> None:
    linear = {
        name.rpartition(".")[2]
        for name, module in base.model.named_modules()
        if isinstance(module, torch.nn.Linear)
    }
    for name in wanted:
        if name not in linear:
            raise BadRecipe(
                f"the base has no module {name!r} to adapt", f"It has: {', '.join(sorted(linear))}."
            )


def hidden_states(model: Model, pack: Pack, seed: int | None = None) -> torch.Tensor:
    """The decoder's normed last states [1, n, d] for a pack, without the head. `seed` decides the
    dropout; None draws one from torch's own state."""
    fast = decoder.of(model)
    return fast(pack, seed) if fast else reference_states(model, pack)


def reference_states(model: Model, pack: Pack) -> torch.Tensor:
    """The same by the library's own layers: what `decoder` is tested against, and the way for
    families that it does not know."""
    reference = model.get_base_model().model
    states: torch.Tensor = reference(
        input_ids=pack.ids,
        position_ids=pack.positions,
        attention_mask=pack.mask(reference.embed_tokens.weight.dtype).to(pack.ids.device),
        use_cache=False,
    ).last_hidden_state
    return states


def head(model: Model) -> torch.Tensor:
    """The frozen projection to the vocabulary, [vocabulary, d]."""
    weight: torch.Tensor = model.get_base_model().get_output_embeddings().weight
    return weight


def trainable(model: Model) -> dict[str, torch.nn.Parameter]:
    """The adapter's parameters by name, sorted."""
    found = {name: p for name, p in model.named_parameters() if p.requires_grad}
    return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class Exported:
    """An adapter as canonical PEFT: alpha / rank * B @ A, with a whole alpha."""

    tensors: dict[str, torch.Tensor]
    rank: int
    alpha: int


def exported(model: Model, recipe: Recipe) -> Exported:
    """The adapter for its file. A scale that no whole alpha gives is folded into B, since llama.cpp
    knows no other scale than alpha / rank."""
    tensors, rank, scale = peft_tensors(model), variants.rank(recipe), variants.scale(recipe)
    alpha = scale * rank
    if alpha == int(alpha):
        return Exported(tensors, rank, int(alpha))
    folded = {name: value * scale if "lora_B" in name else value for name, value in tensors.items()}
    return Exported(folded, rank, rank)


def peft_tensors(model: Model) -> dict[str, torch.Tensor]:
    """The adapter under PEFT's file names (`base_model.model.model.layers.N.….lora_A.weight`)."""
    from peft import get_peft_model_state_dict

    return {
        name: tensor.detach().to("cpu", torch.float32).contiguous()
        for name, tensor in get_peft_model_state_dict(model, save_embedding_layers=False).items()
    }
