"""Which of two contexts a request goes to, and how one goes on in the other."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from engines import tiny_model
from lemmata.engines.base import GREEDY, Request
from lemmata.engines.llama import LlamaEngine, Options, child
from lemmata.engines.llama.dispatch import Dispatch
from lemmata.engines.llama.prefixes import Prefixes
from lemmata.engines.llama.protocol import BASE, AdapterKey, Score, Submit

from .near_ties import same
from .test_scheduler import LONG

ONE, TWO = AdapterKey("1" * 64), AdapterKey("2" * 64)


@pytest.fixture
def prefixes():
    return Prefixes(1 << 20)


def places(dispatch, requests):
    """The context of each (key, tokens)."""
    return [
        dispatch.place(Submit(number, tuple(tokens), key, GREEDY))
        for number, (key, tokens) in enumerate(requests)
    ]


def test_requests_are_spread_and_an_adapter_stays_together_where_it_costs_nothing(prefixes):
    dispatch = Dispatch([1000, 500], prefixes)
    asked = [(key, range(n, n + 20)) for n, key in enumerate([ONE, TWO, ONE, TWO, BASE, BASE])]
    assert places(dispatch, asked) == [0, 1, 0, 1, 0, 1]


def test_a_long_prompt_weighs_more(prefixes):
    dispatch = Dispatch([5000, 5000], prefixes)
    asked = [(BASE, range(n, n + length)) for n, length in enumerate([3000, 10, 10, 10, 10])]
    assert places(dispatch, asked) == [0, 1, 1, 1, 1]


def test_what_ends_weighs_nothing(prefixes):
    dispatch = Dispatch([1000, 500], prefixes)
    assert places(dispatch, [(BASE, [1]), (BASE, [2])]) == [0, 1]
    dispatch.ended(1)
    assert dispatch.where(1) is None
    assert dispatch.place(Score(7, (3, 4), BASE)) == 1
    assert dispatch.where(7) == 1


def test_a_prompt_too_long_for_the_small_context_goes_to_the_large(prefixes):
    dispatch = Dispatch([1000, 50], prefixes)
    assert places(dispatch, [(BASE, range(60)), (BASE, range(1, 61)), (BASE, [1])]) == [0, 0, 1]


def test_samples_of_one_prompt_stay_together_until_it_is_kept(prefixes):
    dispatch = Dispatch([1000, 500], prefixes)
    prompt = list(range(100))
    assert places(dispatch, [(ONE, [*prompt, n]) for n in range(4)]) == [0, 0, 0, 0]
    prefixes.keep(ONE, np.array(prompt, np.int32), np.zeros(8, np.uint8))
    assert dispatch.place(Submit(9, (*prompt, 9), ONE, GREEDY)) == 1
    assert dispatch.place(Submit(10, (*prompt, 9), TWO, GREEDY)) == 1


def test_what_grows_too_long_goes_on_in_the_larger_context(bench):
    small = bench(cells=96, elsewhere=512)
    large = bench()
    for number in range(3):
        small.submit(number, LONG[number : 40 + number], small.keys[number], max_tokens=90)
    moved = 0
    while not (small.scheduler.idle and large.scheduler.idle):
        for one in (small, large):
            one.step()
        for lane in small.scheduler.surplus():
            large.residents.pin(lane.command.adapter.sha256)
            large.scheduler.adopt(lane)
            moved += 1
    assert moved >= 3
    for number in range(3):
        found = small.tokens[number] + large.tokens[number]
        alone = bench().alone(LONG[number : 40 + number], small.keys[number], max_tokens=90)
        assert same(found, alone)


def test_two_contexts_write_what_one_writes(tmp_path):
    gguf = tiny_model.write(tmp_path / "tiny.gguf")
    refs = [tiny_model.adapter(tmp_path / f"a{n}", n) for n in range(3)]
    sampling = replace(GREEDY, max_tokens=30, logprobs=2)
    requests = [
        Request(str(n), LONG[n : 30 + n], [None, "a0", "a1", "a2"][n % 4], sampling)
        for n in range(12)
    ]

    async def written(contexts):
        options = Options(threads=2, contexts=contexts, cells=512, context=256)
        engine = LlamaEngine(gguf, "tiny", tiny_model.BASE, tmp_path / "cache", options)
        told = {request.id: ([], []) for request in requests}
        try:
            for ref in refs:
                await engine.load_adapter(ref)
            async for delta in engine.generate(requests):
                for each in delta.logprobs:
                    told[delta.request_id][0].append(each.token)
                    told[delta.request_id][1].append(each.top[0][2] - each.top[1][2])
        finally:
            await engine.close()
        return told

    one, two = asyncio.run(written(1)), asyncio.run(written(2))
    for request in requests:
        assert same(two[request.id][0], one[request.id])


def test_a_gpu_has_one_context_and_a_cpu_no_more_than_threads():
    assert child.contexts_of(Options(threads=8), on_gpu=True) == 1
    assert child.contexts_of(Options(threads=8), on_gpu=False) == 2
    assert child.contexts_of(Options(threads=1), on_gpu=False) == 1
