"""Roles: what is said to the model around a problem. Each is a Markdown file under `roles/`.

The front matter has `description`, `tasks` (those it is the default for) and an optional `suffix`
(put after the problem); the body is the system message, and an empty body means none is sent.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from lemmata.errors import BadInput
from lemmata.types import Message

DEFAULT = "math"
NONE = "none"


@dataclass(frozen=True, slots=True)
class Role:
    """How a problem is framed: `system` (None: no system message) and `suffix`."""

    name: str
    description: str
    tasks: tuple[str, ...]
    system: str | None
    suffix: str

    def messages(self, problem: str) -> tuple[Message, ...]:
        """The problem in this role, ready for a chat template."""
        user = Message("user", problem + self.suffix)
        return (Message("system", self.system), user) if self.system else (user,)


@cache
def _all() -> dict[str, Role]:
    folder = files("lemmata.prompts") / "roles"
    read = [_parse(item.name[:-3], item.read_text("utf-8")) for item in folder.iterdir()]
    return {role.name: role for role in sorted(read, key=lambda role: role.name)}


def _parse(name: str, text: str) -> Role:
    _, front, body = text.split("---\n", 2)
    fields = yaml.safe_load(front)
    return Role(
        name,
        fields["description"],
        tuple(fields["tasks"]),
        body.strip() or None,
        fields.get("suffix", ""),
    )


def names() -> tuple[str, ...]:
    """The shipped roles, sorted."""
    return tuple(_all())


def load(name: str) -> Role:
    """The role of that name. Raises BadInput, with the nearest name, where there is none."""
    if name in _all():
        return _all()[name]
    near = difflib.get_close_matches(name, names(), 1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise BadInput(f"there is no role {name!r}", f"{hint}Roles: {', '.join(names())}, {NONE}.")


def for_task(task: str) -> str:
    """The name of the role that a task gets when none is asked for."""
    return next((role.name for role in _all().values() if task in role.tasks), DEFAULT)


def apply(problem: str, role: str | None = None, task: str = "math") -> tuple[Message, ...]:
    """The messages for a problem: in `role`, else in the task's own; bare only for role "none".

    Raises BadInput for an empty problem or an unknown role.
    """
    if not problem.strip():
        raise BadInput("the problem is empty", "Give a problem to solve.")
    if role == NONE:
        return (Message("user", problem),)
    return load(role or for_task(task)).messages(problem)
