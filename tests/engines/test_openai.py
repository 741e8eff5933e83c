"""What other servers say that ours never would: vLLM's refusals, broken and slow connections."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from dataclasses import replace

import httpx
import pytest

from contract.vllm_standin import MODEL, RayStandin, Standin, serving
from contract.vllm_standin import error as refuse
from engines import tiny_model
from lemmata import settings
from lemmata.engines import open_engine, openai_pool, openai_wire
from lemmata.engines.base import GREEDY, Request, Sampling, complete
from lemmata.engines.echo import EchoEngine
from lemmata.engines.openai import OpenAIEngine
from lemmata.engines.openai_adapters import rank_for
from lemmata.engines.openai_chunk import Chunk
from lemmata.engines.openai_wire import explain, lines_of
from lemmata.errors import (
    AdapterRefused,
    BadInput,
    ContextOverflow,
    EngineDied,
    NotReady,
    Overloaded,
    UnknownAdapter,
    UnknownModel,
    Unsupported,
)
from lemmata.types import Message

ASK = Request("r", (Message("user", "one two three"),), None, GREEDY)


def with_standin(scenario, change=lambda standin: None):
    standin = Standin(EchoEngine(context=256))
    change(standin)

    async def inner(url):
        engine = OpenAIEngine.connect(url + "/v1/")
        try:
            return await asyncio.wait_for(scenario(engine, standin), 30)
        finally:
            await engine.close()

    with serving(standin.engine, standin) as url:
        return asyncio.run(inner(url))


def test_a_stream_that_breaks_off_is_an_error_and_not_an_answer():
    async def scenario(engine, standin):
        stream = engine.generate([ASK])
        assert [(await anext(stream)).text for _ in range(5)] == list("one t")
        with pytest.raises(EngineDied):
            await anext(stream)

    def change(standin):
        standin.broken_after = 5

    with_standin(scenario, change)


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
def test_reasoning_split_out_by_the_server_is_put_back(field):
    async def scenario(engine, standin):
        ask = replace(ASK, prompt=(Message("user", "so it is| 42"),))
        assert (await complete(engine, ask)).text == "<think>so it is</think>| 42"

    with_standin(scenario, lambda standin: setattr(standin, "reasoning", field))


def test_adapters_are_served_under_their_content_hash(tmp_path):
    async def scenario(engine, standin):
        ref = tiny_model.adapter(tmp_path / "one")
        await engine.load_adapter(ref)
        await engine.load_adapter(replace(ref, name="alias"))
        (served,) = standin.engine.adapters()
        assert served.name == f"lora-{ref.sha256[:32]}"
        await complete(engine, replace(ASK, adapter="alias"))
        assert standin.seen[-1]["model"] == served.name
        await engine.unload_adapter("one")
        assert standin.engine.adapters()
        await engine.unload_adapter("alias")
        assert not standin.engine.adapters()

    with_standin(scenario)


def test_an_adapter_that_the_server_already_has_is_no_error(tmp_path):
    async def scenario(engine, standin):
        ref = tiny_model.adapter(tmp_path / "one")
        await standin.engine.load_adapter(replace(ref, name=f"lora-{ref.sha256[:32]}"))
        await engine.load_adapter(ref)
        await standin.engine.unload_adapter(f"lora-{ref.sha256[:32]}")
        await engine.unload_adapter("one")

    with_standin(scenario)


def test_what_vllm_refuses_is_refused_before_it_is_asked(tmp_path):
    async def scenario(engine, standin):
        ref = tiny_model.adapter(tmp_path / "one")
        with pytest.raises(AdapterRefused, match="rank 128"):
            await engine.load_adapter(replace(ref, rank=128))
        with pytest.raises(AdapterRefused, match="No adapter found"):
            await engine.load_adapter(replace(ref, path=tmp_path / "nowhere"))
        assert engine.adapters() == ()
        with pytest.raises(UnknownAdapter):
            await complete(engine, replace(ASK, adapter="one"))
        assert standin.seen == []

    with_standin(scenario)


def test_a_server_without_vllms_api_says_so(tmp_path):
    async def scenario(engine, standin):
        with pytest.raises(AdapterRefused, match="takes no adapters"):
            await engine.load_adapter(tiny_model.adapter(tmp_path / "one"))
        with pytest.raises(BadInput, match="token ids"):
            engine.tokenize("x")

    def change(standin):
        standin.lora, standin.version = False, None

    with_standin(scenario, change)


def test_only_fields_that_say_something_are_sent():
    async def scenario(engine, standin):
        await complete(engine, ASK)
        assert set(standin.seen[-1]) == {
            "model", "messages", "stream", "stream_options", "temperature", "top_p", "seed",
        }  # fmt: skip
        rich = Sampling(top_k=5, min_p=0.1, repeat_penalty=1.1, max_tokens=3, stop=("x",))
        await complete(engine, replace(ASK, sampling=rich))
        sent = standin.seen[-1]
        assert (sent["top_k"], sent["min_p"], sent["repetition_penalty"]) == (5, 0.1, 1.1)
        assert sent["model"] == MODEL

    with_standin(scenario)


def test_a_closed_port_is_one_clear_error():
    with pytest.raises(EngineDied, match="not answering"):
        OpenAIEngine.connect("http://127.0.0.1:9")


def test_open_engine_knows_urls():
    with serving(EchoEngine()) as url:
        engine = open_engine(url, replace(settings.load(), engine_key="secret"))
        assert engine.health().model == MODEL
        client = asyncio.run(engine._pools.client())
        assert client.headers["authorization"] == "Bearer secret"
        asyncio.run(engine.close())


OVERFLOW = (
    "This model's maximum context length is 4096 tokens. However, you requested 5100 tokens "
    "(5000 in the messages, 100 in the completion). Please reduce the length."
)
VLLM_OVERFLOW = (
    "This model's maximum context length is 4096 tokens. However, you requested 100 output tokens "
    "and your prompt contains at least 5000 input tokens, for a total of at least 5100 tokens."
)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": {"message": OVERFLOW}}, ContextOverflow),
        (400, {"object": "error", "message": VLLM_OVERFLOW}, ContextOverflow),
        (401, {"error": "Unauthorized"}, BadInput),
        (404, {"error": {"message": "The model `x` does not exist."}}, UnknownModel),
        (422, {"detail": [{"msg": "nonsense"}]}, BadInput),
        (429, {"error": {"message": "too many"}}, Overloaded),
        (500, {"error": "boom"}, EngineDied),
        (502, None, EngineDied),
        (503, None, NotReady),
        (504, None, EngineDied),
    ],
)
def test_refusals_become_the_error_they_mean(status, body, error):
    answer = httpx.Response(status, json=body) if body else httpx.Response(status, text="<html>")
    found = explain(answer)
    assert type(found) is error
    if error is ContextOverflow:
        assert (found.prompt_tokens, found.context) == (5000, 4096)


@pytest.mark.parametrize(("told", "seconds"), [("7", 7), ("999999", 3600), ("soon", 1), ("", 1)])
def test_the_time_to_wait_is_handed_on(told, seconds):
    answer = httpx.Response(429, text="busy", headers={"Retry-After": told})
    assert explain(answer).retry_after == seconds


def test_a_server_that_is_busy_says_so_in_its_own_words():
    async def scenario(engine, standin):
        with pytest.raises(Overloaded) as busy:
            await complete(engine, ASK)
        assert busy.value.retry_after == 3

    def change(standin):
        standin.refusal = lambda: refuse("slow down", "RateLimit", 429, {"Retry-After": "3"})

    with_standin(scenario, change)


def test_a_server_that_takes_too_long_is_one_clear_error(monkeypatch):
    monkeypatch.setattr(openai_pool, "TIMEOUT", httpx.Timeout(5, read=0.2))

    async def scenario(engine, standin):
        standin.pause = 20
        with pytest.raises(EngineDied, match="took too long"):
            await complete(engine, ASK)

    with_standin(scenario)


def test_ends_of_lines_that_unicode_knows_do_not_cut_a_text():
    text = "a\u2028b\u2029c\x85d\x0be\x1cf\r\ng"

    async def scenario(engine, standin):
        assert (await complete(engine, Request("r", text, None, GREEDY))).text == text

    with_standin(scenario)


@pytest.mark.parametrize("cut", [1, 2, 7, 1000])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_stream_is_cut_into_lines_wherever_its_parts_end(cut, end):
    lines = ["data: 你好\u2028🙂", ": x", "data: last"]
    raw = end.join(lines).encode()

    async def found():
        parts = (raw[at : at + cut] for at in range(0, len(raw), cut))

        async def stream():
            for part in parts:
                yield part

        return [line async for line in lines_of(httpx.Response(200, content=stream())) if line]

    assert asyncio.run(found()) == lines


def test_a_line_without_end_is_given_up(monkeypatch):
    monkeypatch.setattr(openai_wire, "_LONGEST_LINE", 100)

    async def found():
        async def stream():
            while True:
                yield b"x" * 30

        return [line async for line in lines_of(httpx.Response(200, content=stream()))]

    with pytest.raises(EngineDied, match="without end"):
        asyncio.run(found())


@pytest.mark.parametrize(
    "line",
    ["data: {", "data: []", 'data: {"choices": 3}', 'data: {"choices": [], "usage": {}, "x": 1',
     'data: {"error": {"message": "CUDA"}}'],
)  # fmt: skip
def test_nonsense_in_a_stream_is_one_clear_error(line):
    with pytest.raises(EngineDied):
        Chunk("r").feed(line)


def test_comments_and_blank_lines_of_a_stream_are_skipped():
    chunk = Chunk("r")
    assert chunk.feed(": ping") is chunk.feed("") is chunk.feed("data: [DONE]") is None
    one = {"choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]}
    assert chunk.feed("data: " + json.dumps(one)).text == "x"
    assert chunk.finish().finish_reason == "stop"


def test_missing_log_probabilities_are_told():
    one = {"choices": [{"delta": {"content": "x"}, "finish_reason": None, "logprobs": None}]}
    with pytest.raises(Unsupported, match="log-probabilities"):
        Chunk("r", top=0).feed("data: " + json.dumps(one))


def test_an_adapter_that_the_server_already_has_is_used_by_its_name(tmp_path):
    ref = tiny_model.adapter(tmp_path / "odd")

    async def scenario(engine, standin):
        await engine.load_adapter(ref)
        later = OpenAIEngine.connect(str(engine._sync.base_url))
        (name,) = later.served
        adapted = await complete(later, replace(ASK, adapter=name))
        assert adapted == await complete(engine, replace(ASK, adapter="odd"))
        assert adapted != await complete(later, ASK)
        with pytest.raises(UnknownAdapter):
            await complete(later, replace(ASK, adapter="odd"))
        await later.close()

    with_standin(scenario)


def said_by(text, **how):
    """A request that makes the echo engine behind the stand-in say `text`."""
    return replace(ASK, prompt=(Message("user", text),), **how)


async def gather(engine, request):
    deltas = [delta async for delta in engine.generate([request])]
    return "".join(delta.text for delta in deltas), deltas


@pytest.mark.parametrize("lumps", [1, 3])
@pytest.mark.parametrize("reasoning", ["", "reasoning"])
def test_a_thought_is_closed_at_its_budget_and_the_answer_goes_on(lumps, reasoning):
    async def scenario(engine, standin):
        text = "<think>one two three four five six</think>42"
        asked = said_by(text, thinking_budget=8, sampling=replace(GREEDY, max_tokens=200))
        written, deltas = await gather(engine, asked)
        thought, _, answer = written.partition("</think>")
        assert len(thought) <= len("<think>") + 8 + lumps
        assert answer.strip()
        first, second = standin.seen[:2]
        assert "stop" not in first
        added = second["prompt"][len(first["prompt"]) :]
        assert bytes(added).decode() == written[: len(added)]
        assert second["max_tokens"] == first["max_tokens"] - len(added)
        assert len({delta.prompt_tokens for delta in deltas}) == 1
        assert sum(delta.tokens for delta in deltas) >= len(written.encode())

    def change(standin):
        standin.lumps, standin.reasoning = lumps, reasoning

    with_standin(scenario, change)


def test_a_budget_that_is_not_spent_changes_nothing():
    async def scenario(engine, standin):
        plain = await complete(engine, said_by("<think>ab</think>42"))
        watched = said_by("<think>ab</think>42", thinking_budget=50, stop_loops=True)
        assert (await complete(engine, watched)).text == plain.text
        stopped = replace(watched, sampling=replace(GREEDY, stop=("</th", "never")))
        assert (await complete(engine, stopped)).text == "<think>ab"

    with_standin(scenario)


def test_a_loop_is_ended():
    async def scenario(engine, standin):
        text, deltas = await gather(engine, said_by("abcd" * 45, stop_loops=True))
        assert (deltas[-1].finish_reason, deltas[-1].ended_by) == ("length", "loop")
        assert len(text) < 180

    with_standin(scenario, lambda standin: setattr(standin, "engine", EchoEngine(1024)))


def test_a_server_without_token_ids_cannot_be_watched():
    async def scenario(engine, standin):
        for wanted in ({"thinking_budget": 3}, {"stop_loops": True}, {"strength": 0.5}):
            asked = replace(ASK, adapter="known", **wanted)
            engine._adapters.server.served["known"] = "known"
            with pytest.raises(Unsupported):
                await complete(engine, asked)
        with pytest.raises(Unsupported, match="grammar"):
            await complete(engine, replace(ASK, sampling=replace(GREEDY, grammar="root ::= [a]")))
        with pytest.raises(Unsupported, match="max_tokens"):
            await complete(engine, replace(ASK, prompt="raw"))
        assert standin.seen == []
        shape = replace(GREEDY, json_schema='{"type": "object"}')
        standin.refusal = lambda: refuse("the test looks at what was sent")
        with pytest.raises(BadInput):
            await complete(engine, replace(ASK, sampling=shape))
        sent = standin.seen[-1]["response_format"]["json_schema"]
        assert (sent["schema"], sent["strict"]) == ({"type": "object"}, True)

    with_standin(scenario, lambda standin: setattr(standin, "version", None))


@pytest.mark.parametrize("version", ["0.11.2", "dev", ""])
def test_a_vllm_that_ignores_fields_in_silence_is_any_other_server(version):
    async def scenario(engine, standin):
        with pytest.raises(Unsupported):
            await complete(engine, replace(ASK, thinking_budget=3))

    with_standin(scenario, lambda standin: setattr(standin, "version", version))


def test_a_deadline_breaks_the_call_off():
    async def scenario(engine, standin):
        text, deltas = await gather(engine, said_by("a" * 200, deadline_s=0.3))
        assert (deltas[-1].finish_reason, deltas[-1].ended_by) == ("length", "deadline")
        assert len(text) < 200
        for _ in range(500):
            if standin.engine.health().active == 0:
                break
            await asyncio.sleep(0.02)
        assert standin.engine.health().active == 0, "the server was told to stop"

    with_standin(scenario, lambda standin: setattr(standin, "pause", 0.05))


def test_a_deadline_holds_before_the_first_token_too():
    async def scenario(engine, standin):
        standin.tokenize_pause = 5
        deltas = [
            delta
            async for delta in engine.generate([Request("r", "raw", None, GREEDY, deadline_s=0.1)])
        ]
        assert [(d.text, d.finish_reason, d.ended_by) for d in deltas] == [
            ("", "length", "deadline")
        ]

    with_standin(scenario)


def test_more_tokens_than_fit_are_asked_for_as_many_as_fit():
    async def scenario(engine, standin):
        asked = said_by("hello", sampling=replace(GREEDY, max_tokens=5000))
        assert (await complete(engine, asked)).text == "hello"
        with pytest.raises(ContextOverflow) as overflow:
            await complete(engine, said_by("x" * 300))
        prompt = len(standin.engine.prompt_ids((Message("user", "x" * 300),)))
        assert (overflow.value.prompt_tokens, overflow.value.context) == (prompt, 256)

    with_standin(scenario)


def test_raw_text_has_no_token_added_and_no_hidden_limit():
    async def scenario(engine, standin):
        text = "0123456789 0123456789 0123456789"
        assert (await complete(engine, replace(ASK, prompt=text))).text == text
        assert standin.seen[-1]["prompt"] == list(text.encode())

    with_standin(scenario)


def until(condition, seconds=30):
    """Wait for the pulse, which looks again every 50 ms."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


def test_health_follows_the_server_and_adapters_come_back(tmp_path):
    ref = tiny_model.adapter(tmp_path / "one")
    with serving(EchoEngine()) as url:
        engine = OpenAIEngine.connect(url, beat_s=0.05)
        asyncio.run(engine.load_adapter(ref))
        assert engine.health().ready
    until(lambda: not engine.health().ready)
    with pytest.raises(EngineDied):
        asyncio.run(complete(engine, ASK))
    assert not engine.health().ready
    anew = Standin(EchoEngine())
    with serving(anew.engine, anew, port=httpx.URL(url).port):
        until(lambda: engine.health().ready)
        (again,) = anew.engine.adapters()
        assert again.sha256 == ref.sha256
        assert asyncio.run(complete(engine, replace(ASK, adapter="one"))).text.startswith("[lora-")
        asyncio.run(engine.close())
    assert not engine.health().ready


def test_ray_serves_adapters_from_its_folder(tmp_path):
    bucket = tmp_path / "bucket"
    tiny_model.adapter(bucket / "german")
    ref = tiny_model.adapter(tmp_path / "mine", seed=2)
    ray = RayStandin(EchoEngine(context=256), bucket)

    async def scenario(url):
        engine = OpenAIEngine.connect(url)
        assert engine.served == {"german"}
        assert engine.health().context == 256
        await complete(engine, replace(ASK, adapter="german", thinking_budget=5))
        assert {body["model"] for body in ray.seen} == {"german"}
        name = f"lora-{ref.sha256[:32]}"
        with pytest.raises(AdapterRefused, match="does not find") as refusal:
            await engine.load_adapter(ref)
        assert name in refusal.value.mend
        with pytest.raises(UnknownAdapter):
            await complete(engine, replace(ASK, adapter="mine"))
        shutil.copytree(ref.path, bucket / name)
        await engine.load_adapter(ref)
        assert (await complete(engine, replace(ASK, adapter="mine"))).text.startswith(f"[{name}]")
        await engine.unload_adapter("mine")
        assert (bucket / name).is_dir()
        await engine.close()

    with serving(ray.engine, ray) as url:
        asyncio.run(scenario(url))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"use_dora": True}, "DoRA"),
        ({"bias": "all"}, "biases"),
    ],
)
def test_kinds_that_vllm_refuses_are_never_sent(tmp_path, change, why):
    async def scenario(engine, standin):
        ref = tiny_model.adapter(tmp_path / "one")
        config = ref.path / "adapter_config.json"
        config.write_text(json.dumps(json.loads(config.read_text()) | change))
        with pytest.raises(AdapterRefused, match=why):
            await engine.load_adapter(ref)
        assert engine.adapters() == () == standin.engine.adapters()

    with_standin(scenario)


@pytest.mark.parametrize(("ranks", "wanted"), [((), 16), ((4,), 16), ((17, 8), 32), ((300,), 320)])
def test_the_rank_to_start_vllm_with(ranks, wanted, tmp_path):
    ref = tiny_model.adapter(tmp_path / "one")
    assert rank_for(tuple(replace(ref, rank=rank) for rank in ranks)) == wanted


def test_a_rank_that_vllm_has_no_kernels_for_is_refused(tmp_path):
    with pytest.raises(AdapterRefused, match="rank 513"):
        rank_for((replace(tiny_model.adapter(tmp_path / "one"), rank=513),))
