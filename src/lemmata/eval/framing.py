"""How a question is put: in a role, under a language policy (`prompts.policy`), as `solve` does."""

from __future__ import annotations

from lemmata.eval.item import Item
from lemmata.prompts import policy, roles
from lemmata.solve import role as solving
from lemmata.types import Message

AUTO = "auto"
"""As `lemmata solve` does it. The policy: the default one, and with an adapter the bare role. The
role: that of each item's own task, where a benchmark has several."""


def check(name: str) -> None:
    """Raises BadInput for a policy that does not exist."""
    if name != AUTO:
        policy.load(name)


def asked(name: str) -> str | None:
    """The policy's name as `solve` takes it."""
    return None if name == AUTO else name


def role_of(item: Item, role: str) -> str:
    """The role that an item is asked in."""
    return roles.for_task(item.task) if role == AUTO else role


def messages(item: Item, role: str, name: str, adapter: str | None) -> tuple[Message, ...]:
    """The item's problem in a role, under a policy; the question itself is never touched."""
    return solving.messages(item.problem, role_of(item, role), item.task, adapter, asked(name))
