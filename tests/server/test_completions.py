from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import openai
import pytest

from scripted import ScriptedEngine


def test_raw_text_is_continued_as_it_is(serving: Callable[..., Any]) -> None:
    engine = ScriptedEngine(["<think>b</think>c"])
    answer = serving(engine).client.completions.create(model="scripted", prompt="a ", max_tokens=99)
    assert engine.requests[0].prompt == "a "
    assert answer.choices[0].text == "<think>b</think>c"
    assert answer.usage.prompt_tokens == 2


def test_prompts_and_choices_are_numbered_prompt_by_prompt(serving: Callable[..., Any]) -> None:
    engine = ScriptedEngine(lambda request: f"<{request.prompt}>")
    answer = serving(engine).client.completions.create(
        model="scripted", prompt=["p", "qq"], n=2, seed=1
    )
    assert [(c.index, c.text) for c in answer.choices] == [
        (0, "<p>"), (1, "<p>"), (2, "<qq>"), (3, "<qq>"),
    ]  # fmt: skip
    assert [r.sampling.seed for r in engine.requests] == [1, 2, 1, 2]
    assert answer.usage.prompt_tokens == 3


@pytest.mark.parametrize("prompt", [[65, 66], [[65, 66]]])
def test_token_ids(serving: Callable[..., Any], prompt: Any) -> None:
    engine = ScriptedEngine(["x"])
    serving(engine).client.completions.create(model="scripted", prompt=prompt)
    assert [r.prompt for r in engine.requests] == [(65, 66)]


def test_sixteen_tokens_unless_told_otherwise(serving: Callable[..., Any]) -> None:
    answer = serving(ScriptedEngine(["x" * 40])).client.completions.create(
        model="scripted", prompt="a"
    )
    assert (answer.choices[0].text, answer.choices[0].finish_reason) == ("x" * 16, "length")


def test_a_stream(serving: Callable[..., Any]) -> None:
    chunks = list(
        serving(ScriptedEngine(["abc"])).client.completions.create(
            model="scripted", prompt="a", stream=True, stream_options={"include_usage": True}
        )
    )
    assert "".join(c.choices[0].text for c in chunks[:-1]) == "abc"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage.completion_tokens == 3


@pytest.mark.parametrize(
    "more",
    [
        {"prompt": ""},
        {"prompt": []},
        {"prompt": ["a", ""]},
        {"prompt": [[]]},
        {"prompt": ["a"] * 33, "n": 2},
        {"prompt": "a", "echo": True},
        {"prompt": "a", "suffix": "b"},
    ],
)
def test_refused(serving: Callable[..., Any], more: dict[str, Any]) -> None:
    with pytest.raises(openai.BadRequestError):
        serving(ScriptedEngine(["x"])).client.completions.create(model="scripted", **more)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("completions", {"prompt": "\ud800"}),
        ("completions", {"prompt": ["a", "\udfff b"]}),
        ("completions", {"prompt": "a", "stop": "\ud800"}),
        ("completions", {"prompt": "a", "stop": ["\ud800"]}),
        ("chat/completions", {"messages": [{"role": "user", "content": "\ud800"}]}),
        (
            "chat/completions",
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "\ud800"}]}]},
        ),
    ],
)
def test_half_a_character_is_refused(
    serving: Callable[..., Any], path: str, body: dict[str, Any]
) -> None:
    answer = serving(ScriptedEngine(["x"])).http.post(
        f"/v1/{path}",
        content=json.dumps({"model": "scripted", **body}),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["type"] == "invalid_request_error"
