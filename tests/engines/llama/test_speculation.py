"""Guessed tokens change how long an answer takes, and no token of it."""

from __future__ import annotations

import pytest

from lemmata.engines.llama.speculation import LENGTHS, Lookup, Speculation

from .near_ties import same
from .test_scheduler import LONG

REPEATING = "one two three four one two three four one two three"


def both(bench, prompt, **how):
    """The tokens of a request without guesses and with them, and the decode calls of each."""
    runs = []
    for draft in (0, 5):
        b = bench(draft=draft)
        b.submit(1, prompt, **how)
        b.run()
        runs.append(b)
    return runs


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("prompt", [REPEATING, LONG])
@pytest.mark.parametrize("temperature", [0.0, 0.7, 1.5])
def test_the_tokens_are_the_same_greedy_and_sampled(bench, prompt, temperature, seed):
    plain, guessed = both(bench, prompt, temperature=temperature, seed=seed, max_tokens=60)
    assert same(guessed.tokens[1], (plain.tokens[1], plain.gaps[1]))
    if guessed.tokens[1] == plain.tokens[1]:
        assert guessed.texts[1] == plain.texts[1]


def test_right_guesses_save_decode_calls(bench):
    always = 'root ::= "again and " root'
    plain, guessed = both(bench, "x", grammar=always, max_tokens=90)
    assert plain.texts[1] == guessed.texts[1]
    assert len(guessed.tokens[1]) == 90
    assert plain.steps == 90
    assert guessed.steps < 45


def test_limits_stops_and_thoughts_end_where_they_end_without_guesses(bench):
    always = 'root ::= "again and " root'
    for how in (
        {"max_tokens": 41},
        {"max_tokens": 200, "stop": ("n and again and again and aga",)},
        {"max_tokens": 400, "stop_loops": True},
    ):
        plain, guessed = both(bench, "x", grammar=always, **how)
        assert plain.tokens[1] == guessed.tokens[1]
        assert plain.texts[1] == guessed.texts[1]
        assert plain.last[1].ended_by == guessed.last[1].ended_by
    plain, guessed = both(bench, REPEATING + "<think>", thinking_budget=20, max_tokens=60)
    assert same(guessed.tokens[1], (plain.tokens[1], plain.gaps[1]))
    assert guessed.texts[1].count("</think>") == 1


def test_wrong_guesses_leave_no_cells_and_no_false_cache(bench):
    b = bench(draft=5)
    for number in range(6):
        b.submit(number, REPEATING, temperature=1.5, seed=number, max_tokens=30)
    b.run()
    assert b.scheduler.kv_used <= 6 * 30 + len(b.ids(REPEATING))
    follow = [*b.ids(REPEATING), *b.tokens[0], *b.ids(" and")]
    b.submit(9, follow, max_tokens=20)
    b.run()
    assert b.last[9].cached >= len(b.ids(REPEATING)) + 29
    assert same(b.tokens[9], bench(draft=0).alone(follow, max_tokens=20))


def test_guesses_give_way_when_cells_run_out(bench):
    b = bench(draft=7, cells=96, context=96)
    for number in range(3):
        b.submit(number, REPEATING[:20], grammar='root ::= "again and " root', max_tokens=40)
    while not b.scheduler.idle:
        b.step()
        assert b.scheduler.kv_used <= 96
    assert all(len(b.tokens[number]) == 40 for number in range(3))


def test_a_guess_is_what_followed_the_last_time():
    lookup = Lookup()
    assert lookup.guess([1, 2, 3], 4) == []
    assert lookup.guess([1, 2, 3, 4, 5, 1, 2, 3], 4) == [4, 5, 1, 2]
    assert lookup.guess([1, 2, 3, 4, 5, 1, 2, 3, 9, 1, 2, 3], 2) == [9, 1]
    assert lookup.guess([1, 2, 3, 4, 5, 1, 2, 3, 9, 1, 2, 3], 0) == []


def test_guessing_stays_on_only_where_it_measures_faster():
    for price, wanted in ((0.1, LENGTHS[-1]), (1.5, 0)):
        speculation = Speculation(None)
        for _ in range(200):
            length = speculation.length(1)
            speculation.note(1, length, 1.0 + price * length, 1 + round(0.6 * length))
        chosen = [speculation.length(1) for _ in range(1)]
        assert chosen == [wanted]


def test_a_fixed_length_is_never_changed():
    speculation = Speculation(4)
    speculation.note(1, 4, 100.0, 1)
    assert (speculation.length(1), speculation.most) == (4, 4)
    assert Speculation(0).most == 0
