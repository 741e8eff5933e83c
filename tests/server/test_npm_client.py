"""OpenAI's own JavaScript client against the server: what people's editors and pages use."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripted import ScriptedEngine

VERSION = "7.57.0"
PROGRAM = """
import OpenAI from "openai";
const client = new OpenAI({ baseURL: process.argv[2], apiKey: "none", maxRetries: 0 });
const messages = [{ role: "user", content: "6 times 7?" }];
const told = {};
const whole = await client.chat.completions.create({ model: "scripted", messages, seed: 3 });
told.whole = whole.choices[0].message.content;
told.reasoning = whole.choices[0].message.reasoning_content;
told.usage = whole.usage.completion_tokens > 0;
told.streamed = "";
const stream = await client.chat.completions.create({
  model: "scripted", messages, stream: true, stream_options: { include_usage: true },
});
for await (const chunk of stream) {
  told.streamed += chunk.choices[0]?.delta?.content ?? "";
  if (chunk.usage) told.streamedUsage = chunk.usage.completion_tokens > 0;
}
told.models = [];
for await (const model of client.models.list()) told.models.push(model.id);
try {
  await client.chat.completions.create({ model: "nobody", messages });
} catch (error) {
  told.refused = [error.constructor.name, error.status, error.code];
}
console.log(JSON.stringify(told));
"""


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("npm") is None:
        pytest.skip("Node is not installed: sudo apt install nodejs npm")
    folder = tmp_path_factory.mktemp("npm")
    words = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", f"openai@{VERSION}"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"npm cannot fetch openai: {done.stderr.strip().splitlines()[-1:]}")
    (folder / "ask.mjs").write_text(PROGRAM, encoding="utf-8")
    return folder


def test_the_javascript_client(serving: Callable[..., Any], package: Path) -> None:
    server = serving(ScriptedEngine(["<think>6·7</think>It is 42."]))
    words = ["node", "ask.mjs", f"{server.url}/v1"]
    done = subprocess.run(words, cwd=package, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "whole": "It is 42.",
        "reasoning": "6·7",
        "usage": True,
        "streamed": "It is 42.",
        "streamedUsage": True,
        "models": ["scripted"],
        "refused": ["NotFoundError", 404, "model_not_found"],
    }
