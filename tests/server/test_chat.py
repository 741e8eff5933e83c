"""The official client against a real server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest

from lemmata.types import AdapterRef, Message
from scripted import ScriptedEngine

ASK: list[Any] = [{"role": "user", "content": "What is 6 times 7?"}]
REF = AdapterRef("counting", Path("counting"), "ab" * 32, "scripted", 8, 16.0)


def with_adapter(engine: ScriptedEngine) -> ScriptedEngine:
    engine._adapters[REF.name] = REF
    return engine


def test_a_whole_answer(serving: Callable[..., Any]) -> None:
    engine = ScriptedEngine(["It is 42."])
    answer = serving(engine).client.chat.completions.create(model="scripted", messages=ASK)
    assert answer.object == "chat.completion"
    assert answer.choices[0].message.content == "It is 42."
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.completion_tokens == 9
    assert answer.usage.prompt_tokens == len(engine.prompt_ids(engine.requests[0].prompt))
    assert answer.usage.total_tokens == 9 + answer.usage.prompt_tokens


def test_a_streamed_answer_is_the_same_text_and_ends_with_usage(
    serving: Callable[..., Any],
) -> None:
    stream = serving(ScriptedEngine(["数到 42。"])).client.chat.completions.create(
        model="scripted", messages=ASK, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(c.choices[0].delta.content or "" for c in chunks[:-1]) == "数到 42。"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens == 6
    assert all(chunk.usage is None for chunk in chunks[:-1])
    assert len({chunk.id for chunk in chunks}) == 1


def test_usage_is_not_streamed_unasked(serving: Callable[..., Any]) -> None:
    stream = serving(ScriptedEngine(["a"])).client.chat.completions.create(
        model="scripted", messages=ASK, stream=True
    )
    assert all(len(chunk.choices) == 1 for chunk in stream)


def test_several_choices_count_the_prompt_once(serving: Callable[..., Any]) -> None:
    engine = ScriptedEngine(["one", "two", "three"])
    answer = serving(engine).client.chat.completions.create(
        model="scripted", messages=ASK, n=3, seed=5
    )
    assert [c.message.content for c in answer.choices] == ["one", "two", "three"]
    assert [c.index for c in answer.choices] == [0, 1, 2]
    assert [r.sampling.seed for r in engine.requests] == [5, 6, 7]
    assert answer.usage.prompt_tokens == len(engine.prompt_ids(engine.requests[0].prompt))


def test_several_choices_stream_without_mixing(serving: Callable[..., Any]) -> None:
    stream = serving(ScriptedEngine(["one", "two", "three"])).client.chat.completions.create(
        model="scripted", messages=ASK, n=3, stream=True
    )
    texts = {0: "", 1: "", 2: ""}
    for chunk in stream:
        texts[chunk.choices[0].index] += chunk.choices[0].delta.content or ""
    assert texts == {0: "one", 1: "two", 2: "three"}


@pytest.mark.parametrize("stream", [False, True])
def test_thinking_is_split_out_under_both_names(serving: Callable[..., Any], stream: bool) -> None:
    engine = ScriptedEngine(["<think>6·7</think>\n\n42"])
    client = serving(engine).client
    if stream:
        options = {"include_usage": True}
        chunks = list(
            client.chat.completions.create(
                model="scripted", messages=ASK, stream=True, stream_options=options
            )
        )
        deltas = [c.choices[0].delta for c in chunks if c.choices]
        names = ("content", "reasoning_content", "reasoning")
        said = {name: "".join(getattr(d, name, None) or "" for d in deltas) for name in names}
        usage = chunks[-1].usage
    else:
        answer = client.chat.completions.create(model="scripted", messages=ASK)
        message = answer.choices[0].message
        said = {
            "content": message.content,
            "reasoning_content": message.reasoning_content,
            "reasoning": message.reasoning,
        }
        usage = answer.usage
    assert said == {"content": "42", "reasoning_content": "6·7", "reasoning": "6·7"}
    assert usage.completion_tokens_details.reasoning_tokens == len("6·7</think>")


def test_what_is_asked_reaches_the_engine(serving: Callable[..., Any]) -> None:
    engine = with_adapter(ScriptedEngine(["x"]))
    serving(engine).client.chat.completions.create(
        model="counting",
        messages=ASK,
        temperature=0,
        top_p=0.5,
        seed=-1,
        stop=["\n", "##"],
        max_tokens=3,
        max_completion_tokens=7,
        extra_body={"top_k": 4, "min_p": 0.1, "repeat_penalty": 1.1},
    )
    request = engine.requests[0]
    sampling = request.sampling
    assert request.adapter == "counting"
    assert (sampling.temperature, sampling.top_p, sampling.top_k) == (0, 0.5, 4)
    assert (sampling.min_p, sampling.repeat_penalty) == (0.1, 1.1)
    assert (sampling.seed, sampling.max_tokens, sampling.stop) == (2**31 - 1, 7, ("\n", "##"))


def test_a_question_without_a_system_message_gets_the_role(serving: Callable[..., Any]) -> None:
    engine = ScriptedEngine(["x"])
    client = serving(engine).client
    client.chat.completions.create(model="scripted", messages=ASK)
    client.chat.completions.create(model="scripted", messages=ASK, extra_body={"role": "coach"})
    client.chat.completions.create(model="scripted", messages=ASK, extra_body={"role": "none"})
    prompts = [request.prompt for request in engine.requests]
    assert prompts[0][0].content.startswith("You are a professional problem solver")
    assert prompts[1][0].content.startswith("You are a math competition coach")
    assert prompts[2] == (Message("user", "What is 6 times 7?"),)


def test_an_adapter_is_asked_in_the_role_it_was_tuned_in(serving: Callable[..., Any]) -> None:
    folder = Path(__file__).parents[2] / "examples" / "adapters" / "counting"
    engine = ScriptedEngine(["x"])
    engine._adapters["counting"] = AdapterRef("counting", folder, "ab" * 32, "b", 8, 16.0)
    client = serving(engine).client
    client.chat.completions.create(model="counting", messages=ASK)
    client.chat.completions.create(model="counting", messages=ASK, extra_body={"role": "math"})
    assert "combinatorics" in engine.requests[0].prompt[0].content
    assert "combinatorics" not in engine.requests[1].prompt[0].content


def test_a_system_message_of_the_clients_own_is_kept(serving: Callable[..., Any]) -> None:
    engine = ScriptedEngine(["x"])
    own: list[Any] = [{"role": "developer", "content": "Be brief."}, *ASK]
    serving(engine).client.chat.completions.create(model="scripted", messages=own)
    assert engine.requests[0].prompt == (
        Message("system", "Be brief."),
        Message("user", "What is 6 times 7?"),
    )


def test_a_role_frames_the_last_question_of_a_conversation(serving: Callable[..., Any]) -> None:
    engine = ScriptedEngine(["x"])
    turns: list[Any] = [
        {
            "role": "user",
            "content": [{"type": "text", "text": "1"}, {"type": "text", "text": "+1?"}],
        },
        {"role": "assistant", "content": "2"},
        {"role": "user", "content": "And 2+2?"},
    ]
    serving(engine).client.chat.completions.create(
        model="scripted", messages=turns, extra_body={"role": "official"}
    )
    first, second, third = engine.requests[0].prompt
    assert (first.content, second.content) == ("1+1?", "2")
    assert third.content.startswith("And 2+2?")
    assert third.content.endswith(r"\boxed{}.")


REFUSED: dict[str, dict[str, Any]] = {
    "tools": {"tools": [{"type": "function", "function": {"name": "f"}}]},
    "response_format": {"response_format": {"type": "xml"}},
    "top_logprobs": {"logprobs": True, "top_logprobs": 21},
    "frequency_penalty": {"frequency_penalty": 0.5},
    "logit_bias": {"logit_bias": {"5": 1}},
    "temperature": {"temperature": 3.0},
    "n": {"n": 0},
    "max_tokens": {"max_tokens": 0},
    "messages": {"messages": []},
    "temprature": {"extra_body": {"temprature": 1}},
    "messages.0.role": {"messages": [{"role": "tool", "content": "x", "tool_call_id": "1"}]},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_honoured_is_refused_by_name(serving: Callable[..., Any], name: str) -> None:
    engine = ScriptedEngine(["x"])
    arguments = {"model": "scripted", "messages": ASK, **REFUSED[name]}
    with pytest.raises(openai.BadRequestError) as caught:
        serving(engine).client.chat.completions.create(**arguments)
    assert caught.value.param == name
    assert caught.value.type == "invalid_request_error"
    assert name.split(".")[-1] in caught.value.message
    assert engine.requests == []


def test_an_image_is_refused(serving: Callable[..., Any]) -> None:
    part = {"type": "image_url", "image_url": {"url": "data:,"}}
    with pytest.raises(openai.BadRequestError):
        serving(ScriptedEngine(["x"])).client.chat.completions.create(
            model="scripted", messages=[{"role": "user", "content": [part]}]
        )


def test_neutral_values_of_what_is_not_supported_are_accepted(
    serving: Callable[..., Any],
) -> None:
    serving(ScriptedEngine(["x"])).client.chat.completions.create(
        model="scripted",
        messages=ASK,
        tools=[],
        tool_choice="auto",
        response_format={"type": "text"},
        logprobs=False,
        presence_penalty=0,
        user="u",
        store=False,
        metadata={"a": "b"},
    )


@pytest.mark.parametrize("stream", [False, True])
def test_an_unknown_model_is_never_the_base(serving: Callable[..., Any], stream: bool) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        serving(with_adapter(ScriptedEngine(["x"]))).client.chat.completions.create(
            model="countin", messages=ASK, stream=stream
        )
    assert caught.value.code == "model_not_found"
    assert "counting" in caught.value.message


@pytest.mark.parametrize("stream", [False, True])
def test_a_prompt_beyond_the_context_says_both_numbers(
    serving: Callable[..., Any], stream: bool
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        serving(ScriptedEngine(["x"], context=32)).client.chat.completions.create(
            model="scripted", messages=ASK, stream=stream
        )
    assert caught.value.code == "context_length_exceeded"
    assert "32" in caught.value.message


@pytest.mark.parametrize("content", ["", " \n", None, []])
def test_an_empty_question(serving: Callable[..., Any], content: Any) -> None:
    with pytest.raises(openai.BadRequestError):
        serving(ScriptedEngine(["x"])).client.chat.completions.create(
            model="scripted", messages=[{"role": "user", "content": content}]
        )


def test_an_engine_that_dies_mid_stream_says_so(serving: Callable[..., Any]) -> None:
    engine = ScriptedEngine(["a long answer"])
    engine.dies_after = 4
    stream = serving(engine).client.chat.completions.create(
        model="scripted", messages=ASK, stream=True
    )
    with pytest.raises(openai.APIError, match="the engine stopped"):
        list(stream)


def test_an_engine_that_dies_is_503(serving: Callable[..., Any]) -> None:
    engine = ScriptedEngine(["a long answer"])
    engine.dies_after = 4
    with pytest.raises(openai.InternalServerError) as caught:
        serving(engine).client.chat.completions.create(model="scripted", messages=ASK)
    assert caught.value.status_code == 503


def freed(engine: ScriptedEngine) -> bool:
    """Whether the engine comes to rest within half a second and makes nothing more."""
    deadline = time.monotonic() + 0.5
    while engine.active and time.monotonic() < deadline:
        time.sleep(0.005)
    made = engine.steps
    time.sleep(0.1)
    return engine.active == 0 and engine.steps == made


def test_a_hang_up_in_mid_stream_frees_the_engine(serving: Callable[..., Any]) -> None:
    engine = ScriptedEngine(["x" * 4000], delay=0.02)
    stream = serving(engine).client.chat.completions.create(
        model="scripted", messages=ASK, stream=True
    )
    next(iter(stream))
    assert engine.active == 1
    stream.close()
    assert freed(engine)


@pytest.mark.parametrize("stream", [False, True])
def test_a_hang_up_while_waiting_frees_the_engine(
    serving: Callable[..., Any], stream: bool
) -> None:
    engine = ScriptedEngine(["x" * 4000], delay=1.0 if stream else 0.02)
    client = serving(engine).client.with_options(timeout=0.3)
    with pytest.raises(openai.APITimeoutError):
        client.chat.completions.create(model="scripted", messages=ASK, stream=stream)
    assert freed(engine)


def test_stops_are_few_and_short(serving: Callable[..., Any]) -> None:
    """The engine looks for each of them behind every token."""
    http = serving(ScriptedEngine(["x"])).http
    for stop, status in ((["a"] * 64, 200), (["a"] * 65, 400), ("a" * 1001, 400), ("a" * 9, 200)):
        body = {"model": "scripted", "messages": ASK, "stop": stop}
        assert http.post("/v1/chat/completions", json=body).status_code == status


def test_line_breaks_of_other_alphabets_break_no_event(serving: Callable[..., Any]) -> None:
    """httpx and requests cut a stream by `splitlines`, to which there are more than JSON knows."""
    text = "a\u2028b\u2029c\x85d"
    http = serving(ScriptedEngine([text])).http
    body = {"model": "scripted", "messages": ASK, "stream": True}
    with http.stream("POST", "/v1/chat/completions", json=body) as answer:
        lines = [line[6:] for line in answer.iter_lines() if line]
    chunks = [json.loads(line) for line in lines[:-1]]
    assert "".join(c["choices"][0]["delta"].get("content", "") for c in chunks) == text
