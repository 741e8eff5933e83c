"""Roles: the texts, the defaults, and that nothing is ever sent bare by accident."""

import pytest

from lemmata.errors import BadInput
from lemmata.prompts import roles
from lemmata.types import Message

TEXTS = {
    "math": "You are a professional problem solver in high-level math competitions. "
    "Always show your reasoning step by step.",
    "code": "You are an algorithm engineer specialized in competitive programming. "
    "Provide clean code with time complexity analysis.",
    "coach": "You are a math competition coach with 10 years of experience.",
    "combinatorics": "You are solving combinatorics problems from AIME. Show all derivation steps.",
}


@pytest.mark.parametrize(("name", "text"), TEXTS.items())
def test_shipped_role_has_its_text(name, text):
    assert roles.load(name).messages("1+1?") == (Message("system", text), Message("user", "1+1?"))


def test_official_role_sends_one_user_message_with_the_published_sentence():
    sentence = r" Let's think step by step and output the final answer within \boxed{}."
    assert roles.load("official").messages("1+1?") == (Message("user", "1+1?" + sentence),)


def test_names_lists_every_role():
    assert set(roles.names()) == {*TEXTS, "official"}


@pytest.mark.parametrize(
    ("task", "role"),
    [("math", "math"), ("code", "code"), ("counting", "combinatorics"), ("other", "math")],
)
def test_a_task_without_a_role_gets_one(task, role):
    assert roles.for_task(task) == role
    assert roles.apply("p", task=task)[0].content == TEXTS[role]


def test_only_role_none_is_bare():
    assert roles.apply("p", role="none") == (Message("user", "p"),)


def test_unknown_role_names_the_nearest():
    with pytest.raises(BadInput, match="Did you mean 'coach'"):
        roles.apply("p", role="coch")


@pytest.mark.parametrize("problem", ["", " \n\t"])
@pytest.mark.parametrize("role", [None, "none", "official"])
def test_empty_problem_is_refused(problem, role):
    with pytest.raises(BadInput, match="empty"):
        roles.apply(problem, role=role)
