import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemmata.engines.text import TokenText
from lemmata.engines.thinking import Thinking, loops


def cut(raw, places):
    edges = [0, *sorted(places), len(raw)]
    return [raw[a:b] for a, b in itertools.pairwise(edges)]


@given(st.text(max_size=40), st.data())
def test_text_is_the_same_however_its_bytes_are_cut(text, data):
    raw = text.encode()
    places = data.draw(st.lists(st.integers(0, len(raw)), max_size=10))
    out = TokenText()
    pieces = [out.feed(piece) for piece in cut(raw, places)]
    assert "".join(pieces) + out.finish() == text
    assert "\ufffd" in text or not any("\ufffd" in piece for piece in pieces)


@given(
    st.text("ab|", max_size=30),
    st.lists(st.text("ab|", min_size=1, max_size=4), min_size=1, max_size=3),
    st.data(),
)
def test_nothing_of_a_stop_string_is_ever_shown(text, stops, data):
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=10))
    out, shown = TokenText(tuple(stops)), ""
    for piece in cut(text.encode(), places):
        shown += out.feed(piece)
    stopped = out.stopped
    shown += out.finish()
    ends = [at for stop in stops if (at := text.find(stop)) >= 0]
    assert stopped == bool(ends)
    if not ends:
        assert shown == text
    else:
        assert text.startswith(shown)
        assert not any(stop in shown for stop in stops)


def test_bytes_that_are_no_text_are_marked():
    out = TokenText()
    assert out.feed(b"a\xff") + out.feed(b"b") == "a\ufffdb"


def test_a_character_cut_by_the_limit_is_left_out():
    out = TokenText()
    assert out.feed("é".encode()[:1]) + out.finish() == ""


def test_a_tag_in_parts_opens_and_closes_the_thinking():
    watch = Thinking(3, inside=False)
    for text in ("x", "<th", "ink>", "a", "b"):
        watch.feed(text)
    assert watch.inside
    assert not watch.spent
    watch.feed("c")
    assert watch.spent
    for text in ("</thi", "nk>", "d"):
        watch.feed(text)
    assert not watch.inside
    assert not watch.spent


@pytest.mark.parametrize(
    ("tokens", "looping"),
    [
        ([7] * 96, True),
        ([7] * 80, False),
        (list(range(32)) * 3, True),
        (list(range(100)) * 3 + list(range(20)), True),
        (list(range(100)) * 2, False),
        (list(range(192)), False),
        ([1, 2, 3, 4] * 30 + [9] * 8, False),
    ],
)
def test_loops_are_told_from_text(tokens, looping):
    assert loops(tokens[len(tokens) % 16 :]) == looping
