"""What engines/base.py promises, held against every engine."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace

import pytest

from lemmata.engines.base import GREEDY, Request, complete
from lemmata.errors import BadInput, ContextOverflow, UnknownAdapter
from lemmata.types import Message

ASK = (Message("user", "Say the words: red green blue and then more colours."),)
SHORT = replace(GREEDY, max_tokens=12)


def ask(number="r", prompt=ASK, adapter=None, **how):
    return Request(number, prompt, adapter, replace(SHORT, **how))


def run(kind, scenario):
    async def inner():
        async with kind.open() as engine:
            return await asyncio.wait_for(scenario(engine), 60)

    return asyncio.run(inner())


async def gather(engine, requests):
    texts, counts, reasons = defaultdict(str), defaultdict(int), {}
    async for delta in engine.generate(requests):
        assert delta.request_id not in reasons, "nothing comes after the finish reason"
        texts[delta.request_id] += delta.text
        counts[delta.request_id] += delta.tokens
        if delta.finish_reason:
            reasons[delta.request_id] = delta.finish_reason
    return dict(texts), dict(counts), reasons


def test_greedy_is_repeatable_and_counts_tokens(kind):
    async def scenario(engine):
        one, two = await complete(engine, ask()), await complete(engine, ask())
        assert one == two
        assert one.text
        assert (one.finish_reason, one.completion_tokens) == ("length", 12)
        assert one.prompt_tokens == len(engine.prompt_ids(ASK))

    run(kind, scenario)


def test_messages_text_and_tokens_are_the_same_prompt(kind):
    async def scenario(engine):
        ids = tuple(engine.prompt_ids(ASK))
        texts = [(await complete(engine, ask(prompt=p))).text for p in (ASK, ids)]
        assert texts[0] == texts[1]
        plain = await complete(engine, ask(prompt="One two three"))
        assert plain.prompt_tokens == len(engine.tokenize("One two three"))

    run(kind, scenario)


def test_seeds_decide_samples(kind):
    async def scenario(engine):
        def sampled(seed):
            return ask(temperature=1.2, seed=seed)

        first = await complete(engine, sampled(1))
        assert (await complete(engine, sampled(1))).text == first.text
        others = [(await complete(engine, sampled(seed))).text for seed in range(2, 6)]
        assert any(text != first.text for text in others)

    run(kind, scenario)


def test_requests_of_one_call_are_answered_apart(kind):
    async def scenario(engine):
        prompts = {str(i): (Message("user", f"Repeat: word{i} word{i} word{i}"),) for i in range(6)}
        requests = [ask(number, prompt) for number, prompt in prompts.items()]
        texts, counts, reasons = await gather(engine, requests)
        assert set(reasons) == set(prompts)
        for request in requests:
            alone = await complete(engine, request)
            assert texts[request.id] == alone.text
            assert counts[request.id] == alone.completion_tokens

    run(kind, scenario)


def test_stop_strings_end_the_text_and_are_not_shown(kind):
    async def scenario(engine):
        whole = (await complete(engine, ask(max_tokens=30))).text
        for start, end in ((4, 7), (1, 6), (6, 7)):
            stop = whole[start:end]
            cut = await complete(engine, ask(max_tokens=30, stop=(stop, "never said")))
            assert cut.text == whole[: whole.index(stop)]
            assert cut.finish_reason == "stop"

    run(kind, scenario)


def test_text_comes_in_whole_characters(kind):
    async def scenario(engine):
        prompt = "重复：你好世界🙂🙂🙂 你好世界🙂🙂🙂 你好世界🙂🙂🙂 你好世界"
        bytes_apart = "root ::= [你好世界🙂é]+" if kind.name == "llama" else None
        request = ask(prompt=prompt, max_tokens=25, grammar=bytes_apart)
        pieces = [delta.text async for delta in engine.generate([request])]
        assert "".join(pieces)
        assert "\ufffd" not in "".join(pieces)

    run(kind, scenario)


def test_closing_cancels_and_the_engine_goes_on(kind):
    async def scenario(engine):
        stream = engine.generate([ask(str(i), max_tokens=400) for i in range(3)])
        await anext(stream)
        await stream.aclose()
        for _ in range(200):
            if engine.health().active == 0:
                break
            await asyncio.sleep(0.02)
        assert engine.health().active == 0
        assert (await complete(engine, ask())).text

    run(kind, scenario)


@pytest.mark.parametrize("adapter", ["nobody", "", "base"])
def test_an_unknown_adapter_is_an_error_and_never_the_base(kind, adapter):
    async def scenario(engine):
        with pytest.raises(UnknownAdapter):
            await complete(engine, ask(adapter=adapter))
        with pytest.raises(UnknownAdapter):
            await engine.unload_adapter(adapter)

    run(kind, scenario)


def test_adapters_load_replace_and_unload_while_running(kind):
    async def scenario(engine):
        base = (await complete(engine, ask())).text
        long = asyncio.create_task(complete(engine, ask("long", max_tokens=60)))
        one, two = kind.adapter("one", 1), kind.adapter("two", 2)
        await engine.load_adapter(two)
        await engine.load_adapter(one)
        assert engine.adapters() == (one, two)
        first = (await complete(engine, ask(adapter="one"))).text
        assert first != base
        other = (await complete(engine, ask(adapter="two"))).text
        assert other != first

        await engine.load_adapter(replace(two, name="one"))
        assert engine.adapters() == (replace(two, name="one"), two)
        if kind.name == "llama":  # echo's mark is the name
            assert (await complete(engine, ask(adapter="one"))).text == other
        await engine.unload_adapter("one")
        assert engine.adapters() == (two,)
        with pytest.raises(UnknownAdapter):
            await complete(engine, ask(adapter="one"))
        assert (await complete(engine, ask())).text == base
        assert (await long).text.startswith(base)

    run(kind, scenario)


def test_a_request_outlives_the_unloading_of_its_adapter(kind):
    async def scenario(engine):
        ref = kind.adapter("gone", 3)
        await engine.load_adapter(ref)
        wanted = (await complete(engine, ask(adapter="gone", max_tokens=40))).text
        stream = engine.generate([ask(adapter="gone", max_tokens=40)])
        first = await anext(stream)
        if kind.name != "openai":  # vLLM ends such requests itself
            await engine.unload_adapter("gone")
        rest = [delta async for delta in stream]
        assert sum(delta.tokens for delta in (first, *rest)) == 40
        assert "".join(delta.text for delta in (first, *rest))[:16] == wanted[:16]

    run(kind, scenario)


def test_the_context_is_a_typed_limit(kind):
    async def scenario(engine):
        context = engine.health().context
        with pytest.raises(ContextOverflow) as overflow:
            await complete(engine, ask(prompt=tuple([65] * (context + 3))))
        assert (overflow.value.prompt_tokens, overflow.value.context) == (context + 3, context)
        nearly = await complete(engine, ask(prompt=tuple([65] * (context - 4)), max_tokens=100))
        assert nearly.completion_tokens <= 4
        assert (await complete(engine, ask())).text

    run(kind, scenario)


@pytest.mark.parametrize(
    "request_", [ask(prompt=()), ask(prompt=""), ask(max_tokens=0), ask(top_p=0.0), ask(min_p=2.0)]
)
def test_senseless_requests_are_refused(kind, request_):
    async def scenario(engine):
        with pytest.raises(BadInput):
            await complete(engine, request_)

    run(kind, scenario)


def test_scores_are_log_probabilities(kind):
    async def scenario(engine):
        ids = engine.tokenize("The sky is blue and the grass is green.")
        scores = await engine.score(ids)
        assert len(scores) == len(ids) - 1
        assert all(score < 0 for score in scores)
        assert await engine.score(ids[:1]) == []
        with pytest.raises(UnknownAdapter):
            await engine.score(ids, "nobody")
        with pytest.raises(BadInput):
            await engine.score([])

    run(kind, scenario)


def test_health_names_the_engine(kind):
    async def scenario(engine):
        health = engine.health()
        assert (health.ready, health.engine, health.context) == (True, kind.name, 512)

    run(kind, scenario)
