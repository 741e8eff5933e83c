from __future__ import annotations

import pytest

from lemmata.data.framing import frame
from lemmata.errors import BadInput
from lemmata.prompts import roles
from lemmata.types import Example, Message

USER = Message("user", "How many?")


@pytest.mark.parametrize("role", [*roles.names(), None])
def test_a_row_is_framed_as_serving_frames_the_problem(role: str | None) -> None:
    framed = frame(Example((USER,), "7", {"task": "counting"}), role)
    assert framed.messages == roles.apply(USER.content, role, "counting")
    assert framed.meta["role"] == (role or "combinatorics")


@pytest.mark.parametrize("role", [*roles.names(), "none"])
def test_framing_twice_changes_nothing(role: str) -> None:
    once = frame(Example((USER,), "7"), role)
    assert frame(once, "coach") == once


def test_a_row_keeps_its_own_system_message() -> None:
    row = Example((Message("system", "Be brief."), USER), "7")
    assert frame(row, "math") == row


def test_a_conversation_is_framed_at_its_ends() -> None:
    turns = (Message("user", "Hi"), Message("assistant", "Hello"), USER)
    framed = frame(Example(turns, "7"), "official")
    assert framed.messages[:2] == turns[:2]
    assert framed.messages[2].content.startswith("How many? Let's think step by step")


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(BadInput, match="no role 'maths'"):
        frame(Example((USER,), "7"), "maths")
