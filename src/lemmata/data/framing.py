"""The role around a row: a prompt is never sent bare, in tuning as in serving."""

from __future__ import annotations

from dataclasses import replace

from lemmata.prompts import roles
from lemmata.types import Example, Message


def frame(example: Example, role: str | None) -> Example:
    """The example in its role; `meta.role` says which.

    None chooses by the row's task, "none" leaves it bare. A row that brings its own system message,
    or was framed before, stays as it is. Raises BadInput for an unknown role.
    """
    if example.messages[0].role == "system" or "role" in example.meta:
        return example
    if role == roles.NONE:
        return replace(example, meta=example.meta | {"role": role})
    name = role or roles.for_task(str(example.meta.get("task", "math")))
    chosen = roles.load(name)
    *earlier, last = example.messages
    asked = Message("user", last.content + chosen.suffix)
    opening = [Message("system", chosen.system)] if chosen.system else []
    meta = example.meta | {"role": name}
    return replace(example, messages=(*opening, *earlier, asked), meta=meta)
