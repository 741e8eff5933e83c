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
import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import yaml

from lemmata.errors import BadRecipe


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


def load(source: Path | str, overrides: Mapping[str, Any] | None = None) -> Recipe:
    """The recipe in a file, or a shipped one by name ("counting"), with fields replaced.

    Raises BadRecipe.
    """
    path = find(source)
    try:
        fields = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise BadRecipe(f"{path} cannot be read: {_line(error)}") from error
    if not isinstance(fields, dict):
        raise BadRecipe(f"{path} holds no fields", "Write one `key: value` a line.")
    recipe = from_fields(fields | dict(overrides or {}))
    return dataclasses.replace(recipe, data=tuple(_beside(path, item) for item in recipe.data))


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
    kinds = get_type_hints(Recipe)
    for key in fields:
        if key not in kinds:
            near = difflib.get_close_matches(str(key), kinds, 1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Keys: {', '.join(kinds)}."
            raise BadRecipe(f"a recipe has no key {str(key)!r}", hint)
    for key in ("name", "data"):
        if not fields.get(key):
            raise BadRecipe(f"the recipe lacks {key!r}", f"Add a line `{key}: …`.")
    recipe = Recipe(**{key: _typed(key, value, kinds[key]) for key, value in fields.items()})
    _check(recipe)
    return recipe


def parse_overrides(words: list[str]) -> dict[str, Any]:
    """`key=value` words as fields; values are YAML. Raises BadRecipe."""
    found = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise BadRecipe(f"{word!r} is no override", "Write key=value, as in lr=1e-3.")
        try:
            found[key] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise BadRecipe(f"{word!r}: {_line(error)}") from error
    return found


def as_fields(recipe: Recipe) -> dict[str, Any]:
    """Plain values, which `from_fields` turns into an equal recipe."""
    fields = dataclasses.asdict(recipe)
    return {key: list(item) if isinstance(item, tuple) else item for key, item in fields.items()}


def _typed(key: str, value: Any, kind: Any) -> Any:
    """`value` as `kind`; YAML reads 1e-3 as text and whole numbers as int, which is mended here."""
    if get_origin(kind) in {types.UnionType}:
        return None if value is None else _typed(key, value, get_args(kind)[0])
    if get_origin(kind) is Literal:
        if value in get_args(kind):
            return value
        raise BadRecipe(f"{key} must be {' or '.join(map(str, get_args(kind)))}, not {value!r}")
    if get_origin(kind) is tuple:
        return _tuple(key, value, get_args(kind))
    if kind is float and not isinstance(value, bool):
        try:
            return float(value)
        except (TypeError, ValueError):
            pass
    if type(value) is kind:
        return value
    raise BadRecipe(f"{key} must be of type {kind.__name__}, not {value!r}")


def _tuple(key: str, value: Any, kinds: tuple[Any, ...]) -> tuple[Any, ...]:
    items = value if isinstance(value, (list, tuple)) else [value]
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(items)
    if len(items) != len(kinds):
        raise BadRecipe(f"{key} must be {len(kinds)} values, not {value!r}")
    return tuple(_typed(key, item, kind) for item, kind in zip(items, kinds, strict=True))


_POSITIVE = ("max_tokens", "lora_r", "lora_alpha", "lr", "lr_b_ratio", "epochs", "rows_per_step",
             "pack_tokens", "save_every", "step_temperature")  # fmt: skip
_NOT_NEGATIVE = (
    "warmup_steps",
    "weight_decay",
    "max_grad_norm",
    "step_penalty",
    "lora_dropout",
    "data_seed",
    "seed",
)


def _check(recipe: Recipe) -> None:
    for key in _POSITIVE:
        if not 0 < getattr(recipe, key) < float("inf"):
            raise BadRecipe(f"{key} must be above 0, not {getattr(recipe, key)}")
    for key in _NOT_NEGATIVE:
        if not 0 <= getattr(recipe, key) < float("inf"):
            raise BadRecipe(f"{key} must be 0 or above, not {getattr(recipe, key)}")
    if recipe.lora_dropout >= 1:
        raise BadRecipe(f"lora_dropout must be below 1, not {recipe.lora_dropout}")
    if not recipe.target_modules:
        raise BadRecipe("target_modules is empty", "Full-parameter tuning is not what this does.")


def _beside(recipe: Path, item: str) -> str:
    """A data file named in a recipe lies beside it unless its path is absolute."""
    return item if item.startswith("task:") else str((recipe.parent / item).resolve())


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
