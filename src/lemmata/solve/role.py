"""Which role a question gets where the user names none."""

from __future__ import annotations

from collections.abc import Iterable

from lemmata.adapters import manifest
from lemmata.prompts import policy, roles
from lemmata.types import AdapterRef, Message


def of_adapter(name: str | None, loaded: Iterable[AdapterRef]) -> str | None:
    """The role that an adapter was tuned under, as its `lemmata.json` tells; None where it tells
    none, or names one that is not shipped here. Asked otherwise it is another model."""
    ref = next((ref for ref in loaded if ref.name == name), None)
    if ref is None:
        return None
    role = manifest.read(ref.path).recipe.get("role")
    known = {*roles.names(), roles.NONE}
    return role if isinstance(role, str) and role in known else None


def messages(
    problem: str, role: str, task: str, adapter: str | None, asked: str | None
) -> tuple[Message, ...]:
    """The problem in its role, under the language policy that was asked for; else the default one,
    and with an adapter the bare role, which is what it saw in training.

    Raises BadInput (empty problem, unknown role or policy).
    """
    default = policy.AS_TRAINED if adapter else policy.DEFAULT
    return policy.load(asked or default).apply(problem, role, task)
