"""The real model behind the real server: the whole road once, and Ctrl-C on it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import openai
import pytest

from lemmata.adapters import canonical
from lemmata.adapters.manifest import Manifest
from lemmata.models.stored import StoredModel
from lemmata.types import AdapterRef

pytestmark = pytest.mark.model


def random_adapter(folder: Path, model: StoredModel) -> AdapterRef:
    """An adapter of SmolLM2-135M's shapes, strong enough that another text comes out."""
    draw = np.random.default_rng(7)
    tensors = {}
    for layer in range(30):
        for part, rows in (("q_proj", 576), ("v_proj", 192)):
            key = f"base_model.model.model.layers.{layer}.self_attn.{part}"
            tensors[f"{key}.lora_A.weight"] = draw.normal(0, 0.2, (8, 576)).astype("f4")
            tensors[f"{key}.lora_B.weight"] = draw.normal(0, 0.2, (rows, 8)).astype("f4")
    return canonical.save(folder, tensors, rank=8, alpha=16, about=Manifest(base=model.id))


ASK: list[Any] = [{"role": "user", "content": "What is 6 times 7?"}]


def start(model: StoredModel, home: Path) -> subprocess.Popen[str]:
    """In a session of its own, as a terminal would signal it: the whole group."""
    words = [sys.executable, "-m", "lemmata", "serve", "--model", str(model.gguf), "--port", "0"]
    return subprocess.Popen(
        words,
        env={**os.environ, "LEMMATA_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def left(group: int) -> bool:
    """Whether a process of that group still runs."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def ended(process: subprocess.Popen[str], group: int) -> bool:
    process.wait(30)
    deadline = time.monotonic() + 5
    while left(group) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not left(group)


def test_the_base_and_a_hot_adapter_answer_side_by_side(
    default_model: StoredModel, tmp_path: Path
) -> None:
    process = start(default_model, tmp_path / "home")
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
        base = client.models.list().data[0].id

        def say(model: str, **more: Any) -> str:
            answer = client.chat.completions.create(
                model=model, messages=ASK, temperature=0, max_tokens=24, **more
            )
            text: str = answer.choices[0].message.content
            return text

        plain = say(base)
        assert plain
        ref = random_adapter(tmp_path / "odd", default_model)
        with zipfile.ZipFile(tmp_path / "odd.zip", "w") as archive:
            for path in ref.path.iterdir():
                archive.write(path, path.name)
        put = httpx.put(
            f"{url}/api/adapters/odd",
            content=(tmp_path / "odd.zip").read_bytes(),
            headers={"content-type": "application/zip"},
            timeout=60,
        )
        assert put.status_code == 200, put.text
        assert say("odd") != plain
        assert say(base) == plain
        stream = client.chat.completions.create(
            model=base, messages=ASK, temperature=0, max_tokens=24, stream=True
        )
        assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == plain
        process.send_signal(signal.SIGTERM)
        assert ended(process, process.pid)
        assert process.returncode == 0
    finally:
        if left(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.parametrize("delay", [0.4, 0.7, 1.0, 1.4, 1.9, 2.6])
def test_ctrl_c_while_the_model_loads_leaves_nothing_running(
    default_model: StoredModel, tmp_path: Path, delay: float
) -> None:
    process = start(default_model, tmp_path / "home")
    try:
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGINT)
        assert ended(process, process.pid)
        _, told = process.communicate()
        assert process.returncode == 130
        assert told.splitlines()[-1] == "stopped"
        assert "Traceback" not in told
    finally:
        if left(process.pid):
            os.killpg(process.pid, signal.SIGKILL)


def test_ctrl_c_while_it_writes(default_model: StoredModel, tmp_path: Path) -> None:
    process = start(default_model, tmp_path / "home")
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        body = {"model": default_model.gguf.stem, "prompt": "One two", "max_tokens": 16}
        models = httpx.get(f"{url}/v1/models").json()["data"]
        body["model"] = models[0]["id"]
        with httpx.stream(
            "POST", f"{url}/v1/completions", json={**body, "stream": True}, timeout=60
        ) as answer:
            lines = answer.iter_lines()
            next(lines)
            os.killpg(process.pid, signal.SIGINT)
            assert [line for line in lines if line][-1] == "data: [DONE]"
        assert ended(process, process.pid)
        assert process.returncode == 130
    finally:
        if left(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
