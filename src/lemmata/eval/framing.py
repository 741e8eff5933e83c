"""How a question is put: in a role, under a language policy (`prompts.policy`), as `solve` does."""

from __future__ import annotations

from lemmata.eval.item import Item
from lemmata.prompts import policy
from lemmata.solve import role as solving
from lemmata.types import Message

AUTO = "auto"
"""The policy that `lemmata solve` takes: the default one, and with an adapter the bare role."""


def check(name: str) -> None:
    """Raises BadInput for a policy that does not exist."""
    if name != AUTO:
        policy.load(name)


def asked(name: str) -> str | None:
    """The policy's name as `solve` takes it."""
    return None if name == AUTO else name


def messages(item: Item, role: str, name: str, adapter: str | None) -> tuple[Message, ...]:
    """The item's problem in a role, under a policy; the question itself is never touched."""
    return solving.messages(item.problem, role, item.task, adapter, asked(name))
