"""The messages of a chat request, framed by a role where the client framed nothing itself."""

from __future__ import annotations

from collections.abc import Sequence

from lemmata.errors import BadInput
from lemmata.prompts import roles
from lemmata.server.openai_types import ChatMessage
from lemmata.types import Message, Speaker


def framed(
    messages: Sequence[ChatMessage], role: str | None, own: str | None = None
) -> tuple[Message, ...]:
    """A system message of the client's own stays as it is; without one the conversation gets the
    role's, and its last question the role's suffix; without a role too, that of the adapter's
    tuning, `own`, else the task's. Role "none" leaves everything as it came.

    Raises BadInput where both are given, where nothing is asked, and for an unknown role.
    """
    said = tuple(Message(_speaker(m), m.text) for m in messages)
    if not any(message.role == "user" and message.content.strip() for message in said):
        raise BadInput("no message of the user says anything", "Ask something.")
    has_system = any(message.role == "system" for message in said)
    if has_system and role not in (None, roles.NONE):
        raise BadInput("both a system message and a role are given", "Leave out one of the two.")
    if has_system or role == roles.NONE:
        return said
    last = max(i for i, message in enumerate(said) if message.role == "user")
    *opening, question = roles.apply(said[last].content, role or own)
    return (*opening, *said[:last], question, *said[last + 1 :])


def _speaker(message: ChatMessage) -> Speaker:
    return "system" if message.role == "developer" else message.role
