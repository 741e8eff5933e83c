"""Language policies: in which language the model is framed, and in which it is told to answer.

Each is a YAML file under `languages/`, so that one more is a file and `eval` can compare them:

    description: …
    frame: en             the role's own English text, or `user`: that of `frames`, if it has one
    reply: {zh: "…"}      a sentence after the role's text, by the language of the question
    frames: {zh: {math: "…"}}

The question itself is never touched.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

from lemmata.errors import BadInput
from lemmata.prompts import roles
from lemmata.prompts.language import detect
from lemmata.types import Message

DEFAULT = "english-frame"
AS_TRAINED = "frame-only"
"""Says nothing beyond the role: what an adapter saw in training."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy; `frames[language][role]` replaces the role's system text."""

    name: str
    description: str
    frame: Literal["en", "user"] = "en"
    reply: Mapping[str, str] = field(default_factory=dict)
    frames: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def apply(self, problem: str, role: str, task: str) -> tuple[Message, ...]:
        """The problem in its role under this policy; role "none" stays bare, a role without a
        system text stays as published. Raises BadInput (empty problem, unknown role)."""
        messages = roles.apply(problem, role, task)
        first = messages[0]
        if first.role != "system":
            return messages
        language = detect(problem)
        text = first.content
        if self.frame == "user":
            text = self.frames.get(language, {}).get(role, text)
        sentence = self.reply.get(language, "")
        return (replace(first, content=f"{text} {sentence}".strip()), *messages[1:])


@cache
def _all() -> dict[str, Policy]:
    folder = files("lemmata.prompts") / "languages"
    read = (
        Policy(item.name.removesuffix(".yaml"), **yaml.safe_load(item.read_text("utf-8")))
        for item in folder.iterdir()
        if item.name.endswith(".yaml")
    )
    return {policy.name: policy for policy in sorted(read, key=lambda policy: policy.name)}


def names() -> tuple[str, ...]:
    """The shipped policies, sorted."""
    return tuple(_all())


def load(name: str) -> Policy:
    """The policy of that name. Raises BadInput, with the nearest name, where there is none."""
    if name in _all():
        return _all()[name]
    near = difflib.get_close_matches(name, names(), 1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise BadInput(
        f"there is no language policy {name!r}", f"{hint}Policies: {', '.join(names())}."
    )
