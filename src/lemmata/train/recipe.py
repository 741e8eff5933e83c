"""A recipe: everything that decides what an adapter becomes, in one flat YAML file.

    name: counting
    base: smollm2-135m
    data: ["task:stars-and-bars:240"]
    lr: 3e-3

Keys are the fields of `Recipe`; any can be overridden as `key=value`. A key that is not a field, or
a value of the wrong kind, is an error with the nearest field: nothing is ignored.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from lemmata.errors import BadRecipe
from lemmata.train import recipe_rules, recipe_yaml, typed

GENERAL = "general"
"""The shipped retention set (`train.gate_questions`)."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the training with its own rows and rate; a gate stands behind each."""

    name: str
    data: tuple[str, ...] = ()
    """As the recipe's `data`, which it takes where this is empty."""
    rows: int | None = None
    """Only so many: the first of the order, so with order nll the easiest."""
    epochs: int | None = None
    """None: the recipe's."""
    lr: float | None = None
    """None: the recipe's."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The defaults are those of `recipes/lora.yaml`: the field's values for LoRA on q and v."""

    name: str
    """The adapter's name: letters, digits, '.', '_' and '-'."""
    data: tuple[str, ...]
    """Prepared files (`lemmata data prepare`), beside the recipe, or task:NAME:COUNT."""
    description: str = ""
    """One line for people; goes into the adapter's card."""
    base: str = "smollm2-135m"
    """Catalog name or path of the model to tune."""
    role: str | None = None
    """How problems are framed; None: each by its task, "none": bare."""
    languages: tuple[Literal["en", "zh"], ...] = ("en", "zh")
    """Of task data, in turn; one that is named twice comes up twice as often."""
    data_seed: int = 1
    """Of task data: item i is made from Random(data_seed + i)."""
    max_tokens: int = 1024
    """A longer row is an error; rows are never cut."""
    lora_r: int = 8
    lora_alpha: int = 16
    lora_dropout: float = 0.05
    """Of what adapters read; modules with the same input share a draw."""
    use_rslora: bool = False
    """Scale alpha / sqrt(r) in place of alpha / r (rsLoRA, arXiv:2312.03732)."""
    init_lora_weights: Literal["default", "pissa"] = "default"
    """pissa: from the base's principal part (arXiv:2404.02948); the adapter has rank 2 lora_r."""
    layers: Literal["all", "top-half"] = "all"
    """top-half: only the upper layers are adapted; what is below runs once a row for all epochs."""
    cache_gib: float = 8.0
    """Most that those states below may take on disk while the run lasts; 0: none are kept."""
    quantisation: Literal["none", "nf4"] = "none"
    """nf4: the base's linears in 4 bits (QLoRA, arXiv:2305.14314); the adapter serves any base."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Of the base and of what it computes; the adapter is float32. auto: bf16 on a GPU, fp32 on a
    CPU. bf16 pays on a CPU with instructions for it (`lemmata doctor` says so)."""
    target_modules: tuple[str, ...] = ("q_proj", "v_proj")
    bias: Literal["none"] = "none"
    """No biases: vLLM and llama.cpp serve none."""
    task_type: Literal["CAUSAL_LM"] = "CAUSAL_LM"
    lr: float = 2e-4
    """Peak learning rate of AdamW."""
    lr_b_ratio: float = 1.0
    """Learning rate of B over that of A (LoRA+, arXiv:2402.12354); 1: plain LoRA."""
    warmup_steps: int = 10
    """Steps of linear warm-up; a cosine down to 0 follows."""
    weight_decay: float = 0.0
    betas: tuple[float, float] = (0.9, 0.99)
    max_grad_norm: float = 1.0
    """Gradients are scaled down to this norm; 0: never."""
    step_penalty: float = 0.0
    """Weight of the penalty on a row's least likely step (`objectives.step_penalty`); 0: none."""
    step_temperature: float = 0.5
    """In nats: how sharply the least likely step is picked out."""
    epochs: int = 1
    rows_per_step: int = 8
    """Rows behind each optimiser step, whatever their lengths."""
    pack_tokens: int = 1024
    """Rows are laid behind one another, without padding, up to this many tokens at a time."""
    save_every: int = 50
    """Steps between checkpoints."""
    seed: int = 0
    """Of the adapter's start, the dropout and the order of the rows."""
    order: Literal["shuffled", "file", "nll"] = "shuffled"
    """Easy to hard: by the order.json beside the one data file, or by what the base finds hard."""
    stages: tuple[Stage, ...] = ()
    """In turn, each from where the one before ended; none: all data at once."""
    target: tuple[str, ...] = ()
    """Problems with gold answers, as `data`, that no row repeats: what each gate measures. None:
    there are no gates."""
    retention: tuple[str, ...] = (GENERAL,)
    """What must not be forgotten: problems as in `target`; "general" is shipped."""
    gate_problems: int = 40
    """Of each of the two sets, at most."""
    gate_tokens: int = 256
    """Of one answer in a gate, at most; a longer one counts as unfinished."""
    gate_tries: int = 3
    """So often a stage may be tried before the run gives up."""
    target_gain: float = 0.0
    """Least change of the target accuracy against the base, as a share of 1."""
    retention_loss: float = 0.1
    """Most that the retention accuracy may lose against the base."""
    format_loss: float = 0.1
    """Most that finished answers, and those in the problem's language, may lose."""
    max_kl: float = 0.5
    """Most KL(base || tuned) in nats a token on the base's own answers to the retention set."""
    retry_rate: float = 0.5
    """Factor on the rate after a failed gate."""
    retry_replay: float = 0.25
    """Share of replayed rows added after a gate that found something forgotten."""
    replay: tuple[str, ...] = ()
    """Rows to replay, as `data`; none: those of the earlier stages."""
    dial: tuple[float, ...] = ()
    """Strengths to choose among after the last gate; the best is baked in."""
    round_trip_rows: int = 4
    """Rows on which training's log-probabilities are compared with the engine's; 0: none."""
    sft_weight: float = 1.0
    """Weight of the rows' own tokens in the loss."""
    teacher: str | None = None
    """File of `lemmata train teach`: soft labels of a larger model for every row."""
    teacher_weight: float = 1.0
    """Weight of KL(teacher || student), where there is a teacher."""
    anchor: str | None = None
    """The same from the base: rows of the data are held to it, its other rows are added."""
    anchor_weight: float = 0.1
    """Weight of KL(base || tuned), where there is an anchor."""
    anchor_rows: int = 1
    """Rows of the anchor's own beside those of each step."""


def load(source: Path | str, overrides: Mapping[str, Any] | None = None) -> Recipe:
    """The recipe in a file, or a shipped one by name ("counting"), with fields replaced. Files that
    it names lie beside it; those of the replaced fields lie where the program runs.

    Raises BadRecipe.
    """
    path = find(source)
    try:
        fields = recipe_yaml.read(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise BadRecipe(f"{path} cannot be read: {_line(error)}") from error
    if not isinstance(fields, dict):
        raise BadRecipe(f"{path} holds no fields", "Write one `key: value` a line.")
    replaced = dict(overrides or {})
    recipe = from_fields(fields | replaced)
    return _placed(recipe, lambda key: Path.cwd() if key in replaced else path.parent)


def _placed(recipe: Recipe, folder: Callable[[str], Path]) -> Recipe:
    """With the files that it names found: `folder` says from where, by key."""
    found: dict[str, Any] = {
        key: tuple(_beside(folder(key), item) for item in getattr(recipe, key))
        for key in ("data", "target", "retention", "replay")
    }
    for key in ("teacher", "anchor"):
        if getattr(recipe, key):
            found[key] = _beside(folder(key), getattr(recipe, key))
    stages = tuple(
        dataclasses.replace(
            stage, data=tuple(_beside(folder("stages"), item) for item in stage.data)
        )
        for stage in recipe.stages
    )
    return dataclasses.replace(recipe, stages=stages, **found)


def find(source: Path | str) -> Path:
    """The file of a recipe: a path, or the name of a shipped one. Raises BadRecipe."""
    path = Path(source).expanduser()
    if path.is_file():
        return path
    shipped = {file.stem: file for folder in _shipped() for file in sorted(folder.glob("*.yaml"))}
    if str(source) in shipped:
        return shipped[str(source)]
    near = difflib.get_close_matches(str(source), shipped, 1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Shipped: {', '.join(shipped)}."
    raise BadRecipe(f"there is no recipe {str(source)!r}", hint)


def _shipped() -> list[Path]:
    """Where recipes lie: inside an installed package, or beside `src` in a checkout."""
    package = Path(__file__).resolve().parents[1]
    return [package / "recipes", package.parents[1] / "recipes"]


def from_fields(fields: Mapping[str, Any]) -> Recipe:
    """A recipe from plain values. Raises BadRecipe for an unknown key, a wrong or missing value."""
    recipe_rules.refuse_full_tuning(fields)
    recipe_rules.refuse_other_words(fields)
    recipe: Recipe = typed.made(Recipe, "recipe", fields, ("name", "data"))
    recipe_rules.check(recipe)
    return recipe


def parse_overrides(words: list[str]) -> dict[str, Any]:
    """`key=value` words as fields; values are YAML. Raises BadRecipe."""
    found = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise BadRecipe(f"{word!r} is no override", "Write key=value, as in lr=1e-3.")
        try:
            found[key] = recipe_yaml.read(value)
        except yaml.YAMLError as error:
            raise BadRecipe(f"{word!r}: {_line(error)}") from error
    return found


def as_fields(recipe: Recipe) -> dict[str, Any]:
    """Plain values, which `from_fields` turns into an equal recipe."""
    fields: dict[str, Any] = typed.plain(dataclasses.asdict(recipe))
    return fields


def _beside(folder: Path, item: str) -> str:
    """A data file lies beside the recipe that names it, or where the person stands who does,
    unless its path is absolute."""
    named = item.startswith("task:") or item == GENERAL
    return item if named else str((folder / Path(item).expanduser()).resolve())


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
