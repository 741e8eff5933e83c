"""What finished requests leave lies outside of the cells, and within its budget."""

from __future__ import annotations

import numpy as np

from lemmata.engines.llama.protocol import BASE

from .near_ties import same
from .test_scheduler import LONG


def test_a_finished_request_holds_no_cells_and_its_follower_starts_from_it(bench):
    b = bench()
    b.submit(1, LONG, b.keys[0], max_tokens=12)
    b.run()
    assert b.scheduler.kv_used == 0
    follow = [*b.ids(LONG), *b.tokens[1], *b.ids(" and then")]
    b.submit(2, follow, b.keys[0], max_tokens=12)
    b.run()
    assert b.last[2].cached >= len(b.ids(LONG)) + 11
    assert same(b.tokens[2], bench().alone(follow, b.keys[0], max_tokens=12))


def test_the_least_recently_used_goes_when_the_budget_is_full(bench):
    b = bench()
    prefixes = b.scheduler._prefixes
    b.submit(0, f"0 {LONG}", max_tokens=4)
    b.run()
    prefixes.budget = int(2.5 * prefixes.bytes)
    for number in (1, 0, 2):  # 0 is used again before 2 needs room
        b.submit(10 + number, f"{number} {LONG}", max_tokens=4)
        b.run()
        assert prefixes.bytes <= prefixes.budget
    for number, known in ((0, True), (1, False), (2, True)):
        tokens = np.array(b.ids(f"{number} {LONG}"), np.int32)
        _, shared = prefixes.longest(BASE, tokens)
        assert (shared > 10) == known


def test_nothing_is_kept_without_a_budget(bench):
    b = bench(prefix_mb=0)
    for number in (1, 2):
        b.submit(number, LONG, max_tokens=4)
        b.run()
    assert b.last[2].cached == 0
    assert len(b.scheduler._prefixes) == 0


def test_a_state_that_finds_no_place_is_computed_anew(bench):
    b = bench(cells=192, context=190)
    b.submit(1, LONG[:100], max_tokens=100)
    b.run()
    b.submit(2, "x" * 60, max_tokens=40)
    b.submit(3, LONG[:100], max_tokens=8)
    b.run()
    assert same(b.tokens[3], bench().alone(LONG[:100], max_tokens=8))
