"""Language policies: in which language a question is framed, as an axis of a run."""

from __future__ import annotations

from lemmata.errors import BadInput
from lemmata.eval.item import Item
from lemmata.prompts import roles
from lemmata.types import Message

DEFAULT = "english-frame"
"""The role's own, English, words around a question that is left as it is."""
_ASK_ENGLISH = "Think and answer in English."
_ASK_CHINESE = "请用中文思考和回答。"
_ASKS = {DEFAULT: "", "answer-in-english": _ASK_ENGLISH, "answer-in-chinese": _ASK_CHINESE}


def names() -> tuple[str, ...]:
    return tuple(_ASKS)


def check(name: str) -> None:
    """Raises BadInput for a policy that does not exist."""
    if name not in _ASKS:
        raise BadInput(f"there is no language policy {name!r}", f"There are: {', '.join(names())}.")


def messages(item: Item, role: str, policy: str) -> tuple[Message, ...]:
    """The item's problem in a role, under a policy."""
    return roles.apply(problem(item, policy), role, item.task)


def problem(item: Item, policy: str) -> str:
    """What is asked: the question untouched, and what the policy adds after it."""
    return f"{item.problem}\n{_ASKS[policy]}" if _ASKS[policy] else item.problem
