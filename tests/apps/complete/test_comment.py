"""Where a TODO begins and ends, in any language's comment."""

from __future__ import annotations

import pytest

from lemmata.apps.complete.comment import Todo, find
from lemmata.apps.complete.languages import language_of


def at(text: str, path: str, line: int, last: int | None = None) -> Todo | None:
    return find(text.split("\n"), language_of(path), line - 1, last or line)


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("a.py", "# TODO: sort them", "sort them"),
        ("a.py", "    # todo(ann): sort them", "sort them"),
        ("a.py", "# 待办：把它们排序", "把它们排序"),
        ("a.py", "# 未完成 求最大公约数", "求最大公约数"),
        ("a.js", "// FIXME - sort them", "sort them"),
        ("a.ts", "/* TODO sort them */", "sort them"),
        ("a.tsx", "  {/* TODO: sort them */}", "sort them"),
        ("a.java", "  /** TODO: sort\n   *  them\n   */", "sort\nthem"),
        ("a.rs", "/// TODO: sort them", "sort them"),
        ("a.sql", "-- TODO: sort them", "sort them"),
        ("a.hs", "{- TODO: sort them -}", "sort them"),
        ("a.ml", "(* TODO: sort them *)", "sort them"),
        ("a.html", "<!-- TODO: sort them -->", "sort them"),
        ("a.tex", "% TODO: sort them", "sort them"),
        ("a.lisp", ";; TODO: sort them", "sort them"),
        ("a.lua", "--[[ TODO: sort them ]]", "sort them"),
        ("a.m", "% TODO: sort them", "sort them"),
        ("a.vb", "' TODO: sort them", "sort them"),
        ("a.f90", "! TODO: sort them", "sort them"),
        ("a.unheard", "# TODO: sort them", "sort them"),
        ("a.py", "# sort them", "sort them"),
    ],
)
def test_the_words_of_a_comment(path: str, text: str, words: str) -> None:
    todo = at(text, path, 1, text.count("\n") + 1)
    assert todo is not None
    assert todo.words == words
    assert (todo.first, todo.last) == (0, text.count("\n") + 1)


def test_a_todo_goes_on_to_the_next_one_and_takes_its_placeholder_along() -> None:
    text = "# What stands here.\n# TODO: sort,\n# then sum\n\npass\n# TODO: more\n..."
    first, second = at(text, "a.py", 3), at(text, "a.py", 6)
    assert first == Todo(1, 5, "", "sort,\nthen sum", 2)
    assert second == Todo(5, 7, "", "more", 1)
    assert at(text, "a.py", 1, 7) == first


@pytest.mark.parametrize(
    ("path", "stub"),
    [
        ("a.py", "raise NotImplementedError('later')"),
        ("a.js", "throw new Error('not implemented');"),
        ("a.rs", "todo!()"),
        ("a.go", 'panic("not implemented")'),
    ],
)
def test_what_stands_in_for_code_is_replaced(path: str, stub: str) -> None:
    mark = "#" if path.endswith("py") else "//"
    todo = at(f"  {mark} TODO: f\n  {stub}\n  after()", path, 1)
    assert todo == Todo(0, 2, "  ", "f", 1)


def test_a_todo_behind_code_is_for_that_line() -> None:
    assert at("x = 1  # TODO: the real one", "a.py", 1) == Todo(0, 1, "", "the real one", 1)
    assert at('x = "TODO: no comment"', "a.py", 1) is None


@pytest.mark.parametrize("text", ["", "x = 1", "# TODO", "# ----", "/* */"])
def test_where_nothing_is_asked_there_is_none(text: str) -> None:
    assert at(text, "a.py", 1) is None


def test_a_macro_of_that_name_before_its_comment_is_code() -> None:
    todo = at('    todo!("later") // TODO: double n', "a.rs", 1)
    assert todo is not None
    assert todo.words == "double n"
    assert find(['    let todo = "TODO";'], language_of("a.rs"), 0, 1) is None
