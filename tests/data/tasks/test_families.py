"""Every family, hundreds of items each: right by another method, complete, various, repeatable."""

from __future__ import annotations

import re

import pytest

from lemmata.data import tasks
from lemmata.data.clean import lacks_derivation
from lemmata.data.languages import spoken
from lemmata.data.tasks import family as shape
from lemmata.data.tasks.catalog import FAMILIES, SETS
from lemmata.data.tasks.family import Family, Item
from lemmata.errors import BadData
from lemmata.prompts.language import Language
from lemmata.verify import verify_math, verify_steps

ITEMS = 240
SHORT = {"stars-and-bars"}
"""Written for a very small model, which heads and a check of its own would cost too much."""
PROGRAMS = set(SETS["dynamic-programming"])
BOTH: tuple[Language, ...] = ("en", "zh")


def items(family: Family, count: int = ITEMS, seed: int = 0) -> list[tuple[Language, Item]]:
    return [(language, item) for _, language, item in tasks.unique(family, count, seed, BOTH)]


@pytest.fixture(params=FAMILIES, scope="module")
def family(request: pytest.FixtureRequest) -> Family:
    return FAMILIES[request.param]


def test_every_answer_is_confirmed_by_another_method(family: Family) -> None:
    for _, item in items(family):
        assert family.check(item.params) == item.answer, item.problem


def test_derivations_are_whole_and_end_in_the_answer(family: Family) -> None:
    heads = {
        "en": ("Understand: ", "Model: ", "Derive: ", "Verify: "),
        "zh": ("理解：", "建模：", "推导：", "验证："),
    }
    for language, item in items(family, 60):
        if family.NAME not in SHORT:
            places = [item.derivation.find(head) for head in heads[language]]
            assert places == sorted(places), item.derivation
            assert places[0] == 0
        assert not re.search(r"\{[a-z_]+\}", item.problem + item.derivation.split("```")[0])
        assert not lacks_derivation(item.derivation)
        assert spoken(item.problem) == language
        if family.NAME not in PROGRAMS:
            assert verify_math(item.derivation, item.answer).state == "correct"


def test_every_step_stands_up_to_the_step_checker(family: Family) -> None:
    if family.NAME in PROGRAMS:
        pytest.skip("programs are run instead")
    covered = 0.0
    for _, item in items(family, 40):
        report = verify_steps(item.derivation, item.problem)
        assert report.first_wrong is None, report.steps[report.first_wrong]
        covered += report.coverage
    assert covered / 40 > 0.25, "too little was checked to mean anything"


def test_problems_differ_and_their_words_vary(family: Family) -> None:
    made = items(family)
    assert len({item.problem for _, item in made}) == ITEMS
    for language in BOTH:
        of_language = [item for spoken_in, item in made if spoken_in == language]
        worded = {re.sub(r"[\d.]+", "#", item.problem) for item in of_language}
        derived = {re.sub(r"[\d.]+", "#", item.derivation) for item in of_language}
        assert len(worded) >= 3
        assert len(derived) >= 8


def test_an_item_depends_on_its_number_alone(family: Family) -> None:
    for language in BOTH:
        item = shape.make(family, 3, 14, language)
        assert item == shape.make(family, 14, 3, language) == shape.make(family, 17, 0, language)
    english, chinese = (shape.make(family, 3, 14, language) for language in BOTH)
    assert english.problem != chinese.problem


def test_twins_share_a_group_whatever_their_language(family: Family) -> None:
    numbers = range(40)
    same = [
        shape.group(family, shape.make(family, 0, n, "en"))
        == shape.group(family, shape.make(family, 0, n, "zh"))
        for n in numbers
    ]
    assert sum(same) >= 0.8 * len(same)
    example = shape.example(family, shape.make(family, 0, 1, "zh"), "zh")
    assert example.meta["group"].startswith(f"{family.NAME} {{")
    assert ("gold" in example.meta) != ("tests" in example.meta)


def test_the_required_sets_are_there() -> None:
    assert len(SETS["competition"]) >= 6
    assert len(SETS["number-theory"]) >= 4
    assert len(SETS["dynamic-programming"]) >= 5


def test_an_exhausted_family_says_so() -> None:
    with pytest.raises(BadData, match="has no 500000 different problems"):
        for _ in tasks.unique(FAMILIES["derangements"], 500_000, 0, ("en",)):
            pass


@pytest.mark.parametrize("spec", ["task:viete", "task:vieta:0", "task:vieta:x", "task:vieta:1:2"])
def test_bad_names_are_refused(spec: str) -> None:
    with pytest.raises(BadData):
        list(tasks.TaskSource.open(spec, 0, ()))


def test_the_nearest_name_is_offered() -> None:
    with pytest.raises(BadData, match="Did you mean 'vieta'"):
        tasks.find("viete")


def test_languages_can_be_chosen() -> None:
    (source,) = tasks.TaskSource.open("task:series:20", 0, ("zh",))
    assert source.languages == ("zh",)
