"""vLLM as a child of ours, with a program in its place that speaks and fails as it does."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest

from contract import vllm_command
from engines import tiny_model
from lemmata import settings as reading
from lemmata.engines import open_engine
from lemmata.engines.base import GREEDY, Request, complete
from lemmata.engines.vllm import VllmEngine
from lemmata.engines.vllm import engine as vllm_engine
from lemmata.engines.vllm.engine import Options
from lemmata.errors import AdapterRefused, BadInput, EngineDied, MissingExtra
from lemmata.types import Message

COMMAND = shlex.join([sys.executable, vllm_command.__file__])
ASK = Request("r", (Message("user", "one two three"),), None, replace(GREEDY, max_tokens=40))


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"max_position_embeddings": 131072}))
    return folder


@pytest.fixture
def wanted(monkeypatch, tmp_path):
    """What the stand-in shall do."""

    def set_(**how):
        monkeypatch.setenv("STANDIN", json.dumps({"worker": str(tmp_path / "worker")} | how))

    set_()
    return set_


def opened(model, **how):
    options = Options(**{"command": COMMAND, "beat_s": 0.05} | how)
    return VllmEngine(model, "tiny", tiny_model.BASE, model.parent / "logs", options)


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


def gone(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_it_serves_and_leaves_nothing_behind(model, wanted, tmp_path):
    engine = opened(model, largest_rank=8)
    health = engine.health()
    assert (health.ready, health.engine, health.model) == (True, "vllm", "tiny")
    assert health.context == 40960
    ref = tiny_model.adapter(tmp_path / "one")
    asyncio.run(engine.load_adapter(ref))
    assert asyncio.run(complete(engine, replace(ASK, adapter="one"))).text.startswith("[lora-")
    with pytest.raises(AdapterRefused, match="trained on other/base"):
        asyncio.run(engine.load_adapter(replace(ref, base="other/base")))
    with pytest.raises(AdapterRefused, match="rank 9"):
        asyncio.run(engine.load_adapter(replace(ref, rank=9)))
    nobody_else_reaches_its_adapters(str(engine._sync.base_url))
    worker = int((tmp_path / "worker").read_text())
    assert not gone(worker)
    asyncio.run(engine.close())
    until(lambda: gone(worker))
    assert not engine.health().ready
    with pytest.raises(EngineDied):
        asyncio.run(complete(engine, ASK))


def nobody_else_reaches_its_adapters(url):
    assert url.startswith("http://127.0.0.1:")
    probe = {"lora_name": "x", "lora_path": "/etc"}
    assert httpx.post(f"{url}/v1/load_lora_adapter", json=probe).status_code == 401


def test_a_slow_start_is_waited_for_and_a_crash_told_with_its_reason(model, wanted):
    wanted(start_s=1.5)
    engine = opened(model)
    asyncio.run(engine.close())
    wanted(crash="ValueError: No available memory for the cache blocks.")
    with pytest.raises(EngineDied, match="No available memory") as death:
        opened(model)
    log = Path(re.search(r"See (.*)\.$", death.value.mend)[1])
    assert "starting engine core" in log.read_text()


def test_arguments_that_vllm_does_not_know_end_it_with_its_words(model, wanted):
    with pytest.raises(EngineDied, match="unrecognized arguments: --turbo"):
        opened(model, more="--turbo")


def test_vllm_that_is_not_installed_names_the_extra(model):
    with pytest.raises(MissingExtra, match="vllm"):
        opened(model, command="no-such-vllm-here")


def test_it_comes_back_with_its_adapters(model, wanted, tmp_path):
    engine = opened(model)
    ref = tiny_model.adapter(tmp_path / "one")
    asyncio.run(engine.load_adapter(ref))
    worker = int((tmp_path / "worker").read_text())
    (tmp_path / "crashes").write_text("1")
    wanted(crash="RuntimeError: CUDA error", crashes=str(tmp_path / "crashes"))
    with pytest.raises(httpx.HTTPError):
        httpx.post(f"{engine._sync.base_url}/die")
    until(lambda: not engine.health().ready)
    with pytest.raises(EngineDied):
        asyncio.run(complete(engine, ASK))
    until(lambda: engine.health().ready)
    assert gone(worker)
    assert asyncio.run(complete(engine, replace(ASK, adapter="one"))).text.startswith("[lora-")
    asyncio.run(engine.close())


def test_it_is_left_alone_when_it_only_dies(model, wanted, monkeypatch):
    monkeypatch.setattr(vllm_engine, "_PAUSE_S", 0)
    monkeypatch.setattr(vllm_engine, "MOST_RESTARTS", 1)
    engine = opened(model)
    wanted(crash="RuntimeError: no GPU")
    with pytest.raises(httpx.HTTPError):
        httpx.post(f"{engine._sync.base_url}/die")
    engine._keeping.join(60)
    assert not engine._keeping.is_alive()
    assert not engine.health().ready
    asyncio.run(engine.close())


def test_it_ends_with_its_parent(model, wanted, tmp_path):
    script = (
        "import sys, time; from pathlib import Path;"
        "from lemmata.engines.vllm import VllmEngine;"
        "from lemmata.engines.vllm.engine import Options;"
        "e = VllmEngine(Path(sys.argv[1]), 't', '', Path(sys.argv[2]), Options(sys.argv[3]));"
        "print('ready', flush=True); time.sleep(600)"
    )
    words = [sys.executable, "-c", script, str(model), str(tmp_path / "logs"), COMMAND]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout.readline() == "ready\n"
        worker = int((tmp_path / "worker").read_text())
        parent.kill()
    until(lambda: gone(worker))


def test_open_engine_and_its_names(model, monkeypatch, tmp_path):
    with pytest.raises(BadInput, match="no engine 'vlm'"):
        open_engine("smollm2-135m", reading.load(), "vlm")
    assert open_engine("anything", reading.load(), "echo").health().engine == "echo"


@pytest.mark.model
def test_lemmata_serve_starts_it(lemmata_home, default_hf_dir, tmp_path, wanted):
    """The whole way: the command, vLLM's place taken by the stand-in, one answer, Ctrl-C."""
    environment = os.environ | {"LEMMATA_HOME": str(lemmata_home), "LEMMATA_VLLM": COMMAND}
    words = [sys.executable, "-m", "lemmata", "serve", "--engine", "vllm", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as server:
        url = re.search(r"http://\S+", server.stdout.readline())[0]
        body = {"model": "smollm2-135m", "messages": [{"role": "user", "content": "hello you"}]}
        answer = httpx.post(f"{url}/v1/chat/completions", json=body, timeout=60).json()
        assert "hello you" in answer["choices"][0]["message"]["content"].lower()
        worker = int((tmp_path / "worker").read_text())
        server.send_signal(signal.SIGINT)
        assert server.wait(60) == 130
    until(lambda: gone(worker))
