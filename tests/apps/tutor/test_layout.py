"""How a program's input is written down."""

from __future__ import annotations

import pytest

from lemmata.apps.tutor.layout import refuse_unknown, written


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        (["#a t", "a"], "3 7\n4 5 6\n"),
        (["t", "#a", "a/"], "7\n3\n4\n5\n6\n"),
        (["a t"], "4 5 6 7\n"),
    ],
)
def test_written(layout: list[str], text: str) -> None:
    assert written(layout, {"a": [4, 5, 6], "t": 7}) == text


def test_an_empty_list_is_an_empty_line() -> None:
    assert written(["#a", "a"], {"a": []}) == "0\n\n"


@pytest.mark.parametrize(
    ("layout", "word"), [([], "empty"), (["a b c"], "names c"), (["a"], "never writes b")]
)
def test_refused(layout: list[str], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        refuse_unknown(layout, ["a", "b"])
