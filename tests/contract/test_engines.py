"""What engines/base.py promises, held against every engine."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from dataclasses import replace

import pytest

from lemmata.engines.base import GREEDY, Request, complete
from lemmata.errors import (
    BadInput,
    ContextOverflow,
    LemmataError,
    UnknownAdapter,
    Unsupported,
)
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


@pytest.mark.parametrize("seed", [-1, 2**32 - 1, 2**63 - 1, -(2**63)])
def test_any_seed_is_one(kind, seed):
    async def scenario(engine):
        sampled = ask(temperature=1.2, seed=seed, max_tokens=20)
        texts = {(await complete(engine, sampled)).text for _ in range(3)}
        assert len(texts) == 1

    run(kind, scenario)


@pytest.mark.parametrize("temperature", [1e-45, 1e-38, 1e-9])
def test_hardly_any_temperature_is_greedy(kind, temperature):
    async def scenario(engine):
        greedy = await complete(engine, ask())
        assert (await complete(engine, ask(temperature=temperature, seed=5))).text == greedy.text

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
        bytes_apart = "root ::= [你好世界🙂é]+" if kind.name in {"llama", "vllm"} else None
        top = 0 if kind.name == "torch" else None
        request = ask(prompt=prompt, max_tokens=25, grammar=bytes_apart, logprobs=top)
        deltas = [delta async for delta in engine.generate([request])]
        text = "".join(delta.text for delta in deltas)
        assert text
        if kind.name == "torch":  # its model writes what it likes, also bytes that are no text
            tokens = [one.token for delta in deltas for one in delta.logprobs]
            raw = b"".join(map(engine._tokens.piece, tokens))
            assert raw.decode(errors="replace").startswith(text)
        else:
            assert "\ufffd" not in text

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
        if kind.name in {"llama", "vllm", "torch"}:  # echo's mark is the name
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
        ref = kind.adapter("gone", 2)  # no near-ties: the second best is never within 0.027
        await engine.load_adapter(ref)
        wanted = (await complete(engine, ask(adapter="gone", max_tokens=40))).text
        stream = engine.generate([ask(adapter="gone", max_tokens=40)])
        first = await anext(stream)
        if kind.name not in {"openai", "vllm"}:  # vLLM ends such requests itself
            await engine.unload_adapter("gone")
        rest = [delta async for delta in stream]
        assert sum(delta.tokens for delta in (first, *rest)) == 40
        assert "".join(delta.text for delta in (first, *rest)) == wanted

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


UNABLE = {
    "echo": {"grammar", "json_schema"},
    "openai": {"strength", "grammar", "json_schema"},  # the echo behind it refuses the last two
    "vllm": {"strength"},
    "llama": set(),
    "torch": {"grammar", "json_schema"},
}


def able_or_refused(kind, field, scenario):
    """Either the engine does what the field says, or it says that it cannot: never silence."""

    async def refused(engine):
        with pytest.raises(BadInput) as refusal:
            await scenario(engine)
        assert isinstance(refusal.value, Unsupported) or kind.name == "openai"
        assert (await complete(engine, ask())).text

    run(kind, refused if field in UNABLE[kind.name] else scenario)


def test_strength_scales_the_adapter_or_is_refused(kind):
    async def scenario(engine):
        await engine.load_adapter(kind.adapter("one", 1))

        async def at(strength):
            asked = replace(ask(adapter="one", max_tokens=30), strength=strength)
            return (await complete(engine, asked)).text

        texts = {strength: await at(strength) for strength in (0.0, 0.5, 1.0, -1.0)}
        assert len(set(texts.values())) == 4
        if kind.name != "echo":
            assert texts[0.0] == (await complete(engine, ask(max_tokens=30))).text

    able_or_refused(kind, "strength", scenario)


@pytest.mark.parametrize("strength", [5.0, -4.5, float("nan")])
def test_a_senseless_strength_is_refused(kind, strength):
    async def scenario(engine):
        await engine.load_adapter(kind.adapter("one", 1))
        with pytest.raises(BadInput):
            await complete(engine, replace(ask(adapter="one"), strength=strength))

    run(kind, scenario)


def test_a_thinking_budget_closes_the_thought(kind):
    async def scenario(engine):
        asked = replace(ask(prompt="tell me<think>", max_tokens=60), thinking_budget=5)
        thought, closed, answer = (await complete(engine, asked)).text.partition("</think>")
        assert closed
        assert answer.strip()
        free = await complete(engine, replace(asked, thinking_budget=None))
        assert "</think>" not in free.text
        assert free.text.startswith(thought.rstrip("\n")[:3])

    able_or_refused(kind, "thinking_budget", scenario)


def test_a_loop_is_ended(kind):
    async def scenario(engine):
        asked = ask(
            prompt="abcd" * 50, max_tokens=240, repeat_penalty=0.01
        )  # it likes its own words
        free = [delta async for delta in engine.generate([asked])]
        assert free[-1].ended_by != "loop"
        deltas = [delta async for delta in engine.generate([replace(asked, stop_loops=True)])]
        assert (deltas[-1].finish_reason, deltas[-1].ended_by) == ("length", "loop")
        assert sum(d.tokens for d in deltas) < sum(d.tokens for d in free)

    able_or_refused(kind, "stop_loops", scenario)


def test_a_deadline_ends_the_text_where_it_is(kind):
    async def scenario(engine):
        asked = replace(ask(max_tokens=400), deadline_s=1e-4)
        deltas = [delta async for delta in engine.generate([asked])]
        assert (deltas[-1].finish_reason, deltas[-1].ended_by) == ("length", "deadline")
        assert sum(delta.tokens for delta in deltas) < 400
        assert (await complete(engine, ask())).text

    able_or_refused(kind, "deadline_s", scenario)


def test_log_probabilities_are_told(kind):
    async def scenario(engine):
        for prompt in (ASK, "red green blue "):
            deltas = [d async for d in engine.generate([ask(prompt=prompt, logprobs=3)])]
            told = [one for delta in deltas for one in delta.logprobs]
            assert len(told) == sum(delta.tokens for delta in deltas) == 12
            for one in told:
                best = [value for _, _, value in one.top]
                assert best == sorted(best, reverse=True)
                assert len(best) == 3 or kind.name == "vllm"  # it merges those that look alike
                assert one.logprob <= 0
                if kind.name in {"llama", "torch"}:  # they write what is likeliest
                    assert one.logprob == pytest.approx(best[0])
        tokens = [*engine.tokenize("red green blue "), *(one.token for one in told)]
        scores = await engine.score(tokens)
        # a batch of many rows and one of a single row are summed in another order
        wanted = pytest.approx([one.logprob for one in told], abs=0.02)
        assert scores[-len(told) :] == wanted

    able_or_refused(kind, "logprobs", scenario)


def test_a_grammar_is_followed_or_refused(kind):
    async def scenario(engine):
        asked = ask(max_tokens=30, grammar='root ::= "red" | "blue"')
        assert (await complete(engine, asked)).text in {"red", "blue"}

    able_or_refused(kind, "grammar", scenario)


def test_a_json_schema_is_followed_or_refused(kind):
    async def scenario(engine):
        schema = '{"type": "object", "properties": {"a": {"enum": [1, 2]}}, "required": ["a"]}'
        asked = ask(max_tokens=60, json_schema=schema)
        assert json.loads((await complete(engine, asked)).text)["a"] in {1, 2}

    able_or_refused(kind, "json_schema", scenario)


def test_health_names_the_engine(kind):
    async def scenario(engine):
        health = engine.health()
        name = "openai" if kind.name == "vllm" else kind.name
        assert (health.ready, health.engine, health.context) == (True, name, 512)

    run(kind, scenario)


@pytest.mark.parametrize("tokens", [(10**9,), (3, -1, 4), (3, 1 << 40)])
def test_tokens_that_no_vocabulary_has_harm_nobody(kind, tokens):
    """Refused, by name where the vocabulary is here."""
    alien = next(token for token in tokens if not 0 <= token < 200)
    here = kind.name in {"echo", "llama", "torch"}

    async def scenario(engine):
        for asked in (complete(engine, ask(prompt=tokens)), engine.score((3, *tokens))):
            with pytest.raises(LemmataError, match=f"no token {alien}" if here else None):
                await asked
        assert (await complete(engine, ask())).text

    run(kind, scenario)


@pytest.mark.parametrize(
    "senseless",
    [
        {"thinking_budget": -1},
        {"deadline_s": -1.0},
        {"deadline_s": float("nan")},
        {"strength": 9.0},
    ],
)
def test_senseless_limits_are_refused(kind, senseless):
    async def scenario(engine):
        with pytest.raises(BadInput, match=next(iter(senseless))):
            await complete(engine, replace(ask(), **senseless))

    run(kind, scenario)
