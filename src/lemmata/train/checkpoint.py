"""Checkpoints: everything a run needs to go on as if it had never stopped, whole or not at all.

    checkpoints/N/    after N steps
        state.safetensors    the adapter, AdamW's moments, the random generators' states
        state.json           step count, and hashes of what must not change in between

Written beside their place and moved there; the newest two are kept.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from lemmata import whole
from lemmata.errors import BadInput
from lemmata.train.run_dir import write_bytes

TENSORS, STATE = "state.safetensors", "state.json"
KEPT = 2


@dataclass(frozen=True, slots=True)
class Identity:
    """What a run is about; a checkpoint continues only the run with the same."""

    recipe_sha256: str
    data_sha256: str
    base_sha256: str


def write(
    folder: Path,
    step: int,
    parameters: Mapping[str, torch.nn.Parameter],
    optimiser: torch.optim.Optimizer,
    identity: Identity,
) -> Path:
    """Save the state after `step` steps in `folder`/step and drop the oldest. Raises OSError."""
    place = folder / str(step)
    new = folder / f".{step}"
    shutil.rmtree(new, ignore_errors=True)
    try:
        new.mkdir(parents=True)
        _flushed(new / TENSORS, save(_tensors(parameters, optimiser)))
        _flushed(new / STATE, json.dumps({"step": step} | asdict(identity)).encode())
        shutil.rmtree(place, ignore_errors=True)
        os.replace(new, place)
        whole.flush(folder)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    for old in all_in(folder)[:-KEPT]:
        shutil.rmtree(folder / str(old))
    return place


def restore(
    place: Path,
    parameters: Mapping[str, torch.nn.Parameter],
    optimiser: torch.optim.Optimizer,
    identity: Identity,
) -> int:
    """Put a checkpoint's state back; gives its step. Raises BadInput where it is of another run or
    damaged."""
    told = check(place, identity)
    try:
        tensors = load((place / TENSORS).read_bytes())
    except (SafetensorError, OSError) as error:
        raise _damaged(place) from error
    for name, parameter in parameters.items():
        parameter.data.copy_(tensors[f"adapter.{name}"])
        optimiser.state[parameter] = {
            "step": tensors[f"step.{name}"],
            "exp_avg": tensors[f"exp_avg.{name}"].to(parameter.device),
            "exp_avg_sq": tensors[f"exp_avg_sq.{name}"].to(parameter.device),
        }
    torch.set_rng_state(tensors["rng.cpu"])
    if torch.cuda.is_available():
        torch.cuda.set_rng_state(tensors["rng.cuda"])
    return int(told["step"])


def check(place: Path, identity: Identity) -> dict[str, Any]:
    """What a checkpoint says of itself. Raises BadInput where it is of another run or damaged."""
    try:
        told: dict[str, Any] = json.loads((place / STATE).read_bytes())
    except (ValueError, OSError) as error:
        raise _damaged(place) from error
    for key, value in asdict(identity).items():
        if told[key] != value:
            what = key.removesuffix("_sha256")
            raise BadInput(
                f"the {what} has changed since the checkpoint {place.name} was written",
                f"Put the old {what} back, or start a new run.",
            )
    return told


def _damaged(place: Path) -> BadInput:
    older = [step for step in all_in(place.parent) if step < int(place.name)]
    return BadInput(
        f"the checkpoint {place} is damaged",
        f"Remove it; the run then goes on from {f'step {older[-1]}' if older else 'its start'}.",
    )


def write_adapter(path: Path, parameters: Mapping[str, torch.nn.Parameter]) -> None:
    """The adapter alone, in its place at once. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {name: value.detach().cpu().contiguous() for name, value in parameters.items()}
    write_bytes(path, save(tensors))


def restore_adapter(path: Path, parameters: Mapping[str, torch.nn.Parameter]) -> None:
    """Put it back."""
    tensors = load(path.read_bytes())
    for name, parameter in parameters.items():
        parameter.data.copy_(tensors[name])


def all_in(folder: Path) -> list[int]:
    """The steps of the complete checkpoints, ascending."""
    if not folder.is_dir():
        return []
    return sorted(int(item.name) for item in folder.iterdir() if item.name.isdigit())


def _tensors(
    parameters: Mapping[str, torch.nn.Parameter], optimiser: torch.optim.Optimizer
) -> dict[str, torch.Tensor]:
    found = {"rng.cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        found["rng.cuda"] = torch.cuda.get_rng_state()
    for name, parameter in parameters.items():
        found[f"adapter.{name}"] = parameter.data
        for key, value in optimiser.state[parameter].items():
            found[f"{key}.{name}"] = value
    return {name: tensor.detach().cpu().contiguous() for name, tensor in found.items()}


def _flushed(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
