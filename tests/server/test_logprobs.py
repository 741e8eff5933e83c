"""Log-probabilities, formats and strength, as the official client asks for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from scripted import ScriptedEngine

ASK: list[Any] = [{"role": "user", "content": "1+1?"}]


@pytest.mark.parametrize("stream", [False, True])
def test_each_token_of_the_answer_and_none_of_the_thinking(
    serving: Callable[..., Any], stream: bool
) -> None:
    client = serving(ScriptedEngine(["<think>1</think>ab"])).client
    asked = {"model": "scripted", "messages": ASK, "logprobs": True, "top_logprobs": 2}
    if stream:
        chunks = client.chat.completions.create(stream=True, **asked)
        told = [c.choices[0].logprobs for c in chunks if c.choices[0].logprobs]
        tokens = [token for one in told for token in one.content]
    else:
        tokens = client.chat.completions.create(**asked).choices[0].logprobs.content
    assert [(t.token, t.logprob, t.bytes) for t in tokens] == [("a", -0.5, [97]), ("b", -0.5, [98])]
    assert [top.token for top in tokens[0].top_logprobs] == ["a", "?"]


@pytest.mark.parametrize("stream", [False, True])
def test_of_a_continued_text_with_their_places(serving: Callable[..., Any], stream: bool) -> None:
    client = serving(ScriptedEngine(["ab"])).client
    asked = {"model": "scripted", "prompt": "x", "logprobs": 1}
    if stream:
        chunks = list(client.completions.create(stream=True, **asked))
        told = [c.choices[0].logprobs for c in chunks]
    else:
        told = [client.completions.create(**asked).choices[0].logprobs]
    assert [text for one in told for text in one.tokens] == ["a", "b"]
    assert [place for one in told for place in one.text_offset] == [0, 1]
    assert told[0].top_logprobs[0] == {"a": -0.5}


def test_nothing_is_told_unasked(serving: Callable[..., Any]) -> None:
    engine = ScriptedEngine(["a"])
    answer = serving(engine).client.chat.completions.create(model="scripted", messages=ASK)
    assert answer.choices[0].logprobs is None
    assert engine.requests[0].sampling.logprobs is None


def test_a_format_and_a_strength_reach_the_engine(serving: Callable[..., Any]) -> None:
    engine = ScriptedEngine(["{}"])
    client = serving(engine).client
    schema = {"type": "object", "properties": {"answer": {"type": "integer"}}}
    client.chat.completions.create(
        model="scripted",
        messages=ASK,
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": schema, "strict": True},
        },
        extra_body={"strength": 0.5},
    )
    client.chat.completions.create(
        model="scripted", messages=ASK, response_format={"type": "json_object"}
    )
    first, second = engine.requests
    assert json.loads(first.sampling.json_schema or "") == schema
    assert first.strength == 0.5
    assert json.loads(second.sampling.json_schema or "") == {"type": "object"}
    assert second.strength == 1.0
