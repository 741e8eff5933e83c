import pytest

from lemmata.errors import BadInput
from lemmata.prompts import policy, roles
from lemmata.types import Message


def test_the_default_frames_in_english_and_leaves_the_question_alone() -> None:
    system, user = policy.load(policy.DEFAULT).apply("求 1+1", "math", "math")
    assert system.content == f"{roles.load('math').system} Answer in Chinese."
    assert user == Message("user", "求 1+1")


def test_an_english_question_gets_the_bare_role() -> None:
    for name in policy.names():
        if name != "user-frame":
            framed = policy.load(name).apply("What is 1+1?", "math", "math")
            assert framed == roles.apply("What is 1+1?", "math", "math")


def test_a_frame_in_the_users_language() -> None:
    system, user = policy.load("user-frame").apply("求 1+1", "math", "math")
    assert "数学" in system.content
    assert user.content == "求 1+1"
    assert set(policy.load("user-frame").frames["zh"]) == {
        name for name in roles.names() if roles.load(name).system
    }


@pytest.mark.parametrize("name", policy.names())
@pytest.mark.parametrize("role", ["none", "official"])
def test_what_has_no_system_message_gets_none(name: str, role: str) -> None:
    framed = policy.load(name).apply("求 1+1", role, "math")
    assert framed == roles.apply("求 1+1", role, "math")


def test_an_unknown_policy_is_refused_with_the_nearest() -> None:
    with pytest.raises(BadInput, match="english-fram") as refused:
        policy.load("english-fram")
    assert "english-frame" in refused.value.mend
