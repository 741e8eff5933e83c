"""What a recipe's values must be, beyond their types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lemmata.adapters.weights import LARGEST_RANK
from lemmata.errors import BadRecipe
from lemmata.train import variants

if TYPE_CHECKING:
    from lemmata.train.recipe import Recipe, Stage

_POSITIVE = ("max_tokens", "lora_r", "lora_alpha", "lr", "lr_b_ratio", "epochs", "rows_per_step",
             "pack_tokens", "save_every", "step_temperature", "gate_problems", "gate_tokens",
             "gate_tries", "max_kl", "retry_rate")  # fmt: skip
_NOT_NEGATIVE = ("warmup_steps", "weight_decay", "max_grad_norm", "step_penalty", "lora_dropout",
                 "data_seed", "seed", "retention_loss", "format_loss", "retry_replay",
                 "round_trip_rows", "sft_weight", "teacher_weight", "anchor_weight",
                 "anchor_rows", "cache_gib")  # fmt: skip


_FULL = frozenset({"full", "full_finetuning", "full_finetune", "finetuning_type", "use_lora",
                   "use_peft", "adapter", "train_method", "method"})  # fmt: skip
"""Keys by which other tools are told to tune all weights, or not to."""
_WHY = (
    "It takes 16 bytes a weight, and leaves a new model that forgets more and that no server can "
    "take off its base again; raise lora_r or name more target_modules."
)


def refuse_full_tuning(fields: Mapping[str, object]) -> None:
    """Raises BadRecipe where a recipe asks for it in the words of other tools."""
    for key in _FULL & fields.keys():
        raise BadRecipe(f"{key!r}: full-parameter tuning is not offered, only LoRA", _WHY)


_ELSEWHERE = {
    "learning_rate": "lr", "num_train_epochs": "epochs", "num_epochs": "epochs",
    "max_length": "max_tokens", "max_seq_length": "max_tokens", "max_seq_len": "max_tokens",
    "cutoff_len": "max_tokens", "sequence_len": "max_tokens", "max_steps": "epochs",
    "batch_size": "rows_per_step", "per_device_train_batch_size": "rows_per_step",
    "micro_batch_size": "rows_per_step", "gradient_accumulation_steps": "rows_per_step",
    "r": "lora_r", "rank": "lora_r", "alpha": "lora_alpha", "dropout": "lora_dropout",
    "lora_target": "target_modules", "lora_target_modules": "target_modules",
    "loraplus_lr_ratio": "lr_b_ratio", "init_lora": "init_lora_weights",
    "model": "base", "model_name_or_path": "base", "base_model": "base",
    "dataset": "data", "datasets": "data", "train_file": "data", "data_files": "data",
    "eval_dataset": "target", "warmup_ratio": "warmup_steps", "save_steps": "save_every",
    "load_in_4bit": "quantisation", "quantization": "quantisation", "bf16": "precision",
    "fp16": "precision", "dtype": "precision", "packing": "pack_tokens", "system": "role",
    "teacher_model": "teacher", "kl_weight": "anchor_weight",
}  # fmt: skip
"""What other tools call a key."""


def refuse_other_words(fields: Mapping[str, object]) -> None:
    """Raises BadRecipe, naming ours, where a recipe is written in the words of other tools."""
    for key in fields:
        if key in _ELSEWHERE:
            raise BadRecipe(f"a recipe has no key {key!r}", f"Here it is {_ELSEWHERE[key]!r}.")


def check(recipe: Recipe) -> None:
    """Raises BadRecipe where a value cannot be meant."""
    for key in _POSITIVE:
        if not 0 < getattr(recipe, key) < float("inf"):
            raise BadRecipe(f"{key} must be above 0, not {getattr(recipe, key)}")
    for key in _NOT_NEGATIVE:
        if not 0 <= getattr(recipe, key) < float("inf"):
            raise BadRecipe(f"{key} must be 0 or above, not {getattr(recipe, key)}")
    _check_course(recipe)
    _check_adapter(recipe)


def _check_adapter(recipe: Recipe) -> None:
    if recipe.lora_dropout >= 1:
        raise BadRecipe(f"lora_dropout must be below 1, not {recipe.lora_dropout}")
    if any(not 0 <= beta < 1 for beta in recipe.betas):
        raise BadRecipe(f"betas must be at least 0 and below 1, not {list(recipe.betas)}")
    if variants.rank(recipe) > LARGEST_RANK:
        raise BadRecipe(f"an adapter of rank {variants.rank(recipe)} is served by nothing",
                        f"The largest rank is {LARGEST_RANK}.")  # fmt: skip
    if not recipe.target_modules:
        raise BadRecipe("target_modules is empty, and full-parameter tuning is not offered", _WHY)
    if recipe.init_lora_weights == "pissa" and recipe.weight_decay:
        raise BadRecipe("weight_decay would pull PiSSA's fixed part away", "Set weight_decay to 0.")


def _check_course(recipe: Recipe) -> None:
    if not recipe.languages:
        raise BadRecipe("languages is empty", "Name en, zh or both.")
    if not -1 <= recipe.target_gain <= 1:
        raise BadRecipe(f"target_gain must be a share of -1 to 1, not {recipe.target_gain}")
    if any(not 0 < strength <= 4 for strength in recipe.dial):
        raise BadRecipe(f"dial must be strengths above 0 and at most 4, not {list(recipe.dial)}")
    if recipe.dial and not recipe.target:
        raise BadRecipe("dial needs a target to choose by", "Name problems with gold answers.")
    if recipe.target and not recipe.retention:
        raise BadRecipe("retention is empty, so a gate could not see what is forgotten",
                        "Leave it out for the shipped set, or name problems.")  # fmt: skip
    if not recipe.sft_weight and not recipe.teacher:
        raise BadRecipe("nothing is to be learnt", "Give sft_weight, or a teacher.")
    for stage in recipe.stages:
        _check_stage(stage)


def _check_stage(stage: Stage) -> None:
    for key in ("rows", "epochs", "lr"):
        value = getattr(stage, key)
        if value is not None and not 0 < value < float("inf"):
            raise BadRecipe(f"{key} of stage {stage.name!r} must be above 0, not {value}")
