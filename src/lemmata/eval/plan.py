"""What a run is going to do: its cells (role x language x policy x adapter x strategy) and its
sampling, all resolved, so that the same plan can go on another day.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any

from lemmata.engines.base import Sampling
from lemmata.errors import BadInput
from lemmata.eval import framing, strategies
from lemmata.prompts import roles

BASE = "base"
"""The adapter axis' name for: none."""
AXES = ("role", "language", "policy", "adapter", "strategy")


@dataclass(frozen=True, slots=True)
class Cell:
    """One way to ask. `language` is that of the questions."""

    role: str
    language: str
    policy: str
    adapter: str
    strategy: str

    @property
    def id(self) -> str:
        return " ".join(f"{axis}={getattr(self, axis)}" for axis in AXES)

    def at(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides what is asked; `run.json` keeps it. `k` attempts at each item."""

    benchmark: str
    title: str
    licence: str
    grader: str
    cells: tuple[Cell, ...]
    k: int
    sampling: Sampling
    stop_loops: bool
    thinking_budget: int | None
    protocol: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def from_json(value: Mapping[str, Any]) -> Plan:
    """Raises TypeError for a plan of another version."""
    cells = tuple(Cell(**cell) for cell in value["cells"])
    told = dict(value["sampling"])
    told["stop"] = tuple(told["stop"])
    return Plan(**{**value, "cells": cells, "sampling": Sampling(**told)})


@dataclass(frozen=True, slots=True)
class Protocol:
    """A published or popular way to measure, by name (`protocols.toml`)."""

    name: str
    about: str
    role: str | None = None
    k: int = 1
    temperature: float | None = None
    top_p: float = 0.95
    max_tokens: int | None = None
    stop_loops: bool = True


@cache
def protocols() -> dict[str, Protocol]:
    """The shipped protocols by name."""
    text = (files("lemmata.eval") / "protocols.toml").read_text("utf-8")
    return {name: Protocol(name, **told) for name, told in tomllib.loads(text).items()}


def protocol(name: str) -> Protocol:
    """Raises BadInput."""
    known = protocols()
    if name not in known:
        raise BadInput(f"there is no protocol {name!r}", f"There are: {', '.join(known)}.")
    return known[name]


def cells(
    tasks: Sequence[str],
    languages: Sequence[str],
    *,
    role: Sequence[str] = (),
    policy: Sequence[str] = (),
    adapter: Sequence[str] = (),
    strategy: Sequence[str] = (),
) -> tuple[Cell, ...]:
    """All combinations; an axis that is not given has its default only. Raises BadInput."""
    usual = {roles.for_task(task) for task in tasks}
    own = usual.pop() if len(usual) == 1 else framing.AUTO
    for name in role:
        if name not in {roles.NONE, framing.AUTO}:
            roles.load(name)
    for name in policy:
        framing.check(name)
    for name in strategy:
        strategies.check(name)
    axes = (
        tuple(own if name == framing.AUTO else name for name in role) or (own,),
        tuple(languages),
        tuple(policy) or (framing.AUTO,),
        tuple(adapter) or (BASE,),
        tuple(strategy) or (strategies.SAMPLE,),
    )
    return tuple(Cell(*values) for values in product(*(dict.fromkeys(axis) for axis in axes)))


def sampling(
    told: Protocol,
    k: int,
    temperature: float | None,
    top_p: float | None,
    max_tokens: int | None,
    seed: int,
) -> Sampling:
    """A run's sampling: what is asked for, else the protocol's, else greedy for one attempt and
    VibeThinker's own for several. Raises BadInput for several greedy attempts."""
    asked = told.temperature if temperature is None else temperature
    heat = asked if asked is not None else (0.0 if k == 1 else Sampling().temperature)
    if k > 1 and heat == 0:
        raise BadInput(f"{k} greedy attempts would all be the same", "Raise the temperature.")
    return Sampling(
        temperature=heat,
        top_p=told.top_p if top_p is None else top_p,
        seed=seed,
        max_tokens=max_tokens or told.max_tokens,
    )


def difference(plan: Plan, other: Plan) -> str:
    """The first field in which two plans differ, as "field: a, not b"; "" where none does."""
    for field in fields(Plan):
        mine, theirs = getattr(plan, field.name), getattr(other, field.name)
        if field.name == "cells":
            mine, theirs = ([cell.id for cell in plan.cells], [cell.id for cell in other.cells])
        if mine != theirs:
            return f"{field.name}: {mine}, not {theirs}"
    return ""
