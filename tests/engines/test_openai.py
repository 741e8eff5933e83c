"""What other servers say that ours never would: vLLM's refusals, broken and slow connections."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import httpx
import pytest

from contract.vllm_standin import MODEL, Standin, serving
from engines import tiny_model
from lemmata.engines import open_engine
from lemmata.engines.base import GREEDY, Request, Sampling, complete
from lemmata.engines.echo import EchoEngine
from lemmata.engines.openai import OpenAIEngine
from lemmata.engines.openai_wire import Chunk, explain
from lemmata.errors import (
    AdapterRefused,
    BadInput,
    ContextOverflow,
    EngineDied,
    UnknownAdapter,
    UnknownModel,
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


def test_reasoning_split_out_by_the_server_is_put_back():
    async def scenario(engine, standin):
        ask = replace(ASK, prompt=(Message("user", "so it is| 42"),))
        assert (await complete(engine, ask)).text == "<think>so it is</think>| 42"

    with_standin(scenario, lambda standin: setattr(standin, "reasoning", True))


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
        whole = standin.app()
        whole.router.routes = [r for r in whole.router.routes if "lora" not in r.path]
        whole.router.routes = [r for r in whole.router.routes if r.path != "/tokenize"]
        standin.app = lambda: whole

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
        engine = open_engine(url, None)
        assert engine.health().model == MODEL
        asyncio.run(engine.close())


OVERFLOW = (
    "This model's maximum context length is 4096 tokens. However, you requested 5100 tokens "
    "(5000 in the messages, 100 in the completion). Please reduce the length."
)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": {"message": OVERFLOW}}, ContextOverflow),
        (400, {"object": "error", "message": OVERFLOW}, ContextOverflow),
        (404, {"error": {"message": "The model `x` does not exist."}}, UnknownModel),
        (422, {"detail": [{"msg": "nonsense"}]}, BadInput),
        (500, {"error": "boom"}, EngineDied),
        (503, None, EngineDied),
    ],
)
def test_refusals_become_the_error_they_mean(status, body, error):
    answer = httpx.Response(status, json=body) if body else httpx.Response(status, text="<html>")
    found = explain(answer)
    assert type(found) is error
    if error is ContextOverflow:
        assert (found.prompt_tokens, found.context) == (5100, 4096)


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


def test_an_adapter_that_the_server_already_has_is_used_by_its_name(tmp_path):
    ref = tiny_model.adapter(tmp_path / "odd")

    async def scenario(engine, standin):
        await engine.load_adapter(ref)
        later = OpenAIEngine.connect(str(engine._base_url))
        (name,) = later.served
        adapted = await complete(later, replace(ASK, adapter=name))
        assert adapted == await complete(engine, replace(ASK, adapter="odd"))
        assert adapted != await complete(later, ASK)
        with pytest.raises(UnknownAdapter):
            await complete(later, replace(ASK, adapter="odd"))
        await later.close()

    with_standin(scenario)
