"""The child process: what kills it, what comes back, what is refused at the door."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time

import gguf
import numpy as np
import psutil
import pytest

from engines import tiny_model
from lemmata.engines.base import Request, Sampling, complete
from lemmata.engines.llama import LlamaEngine, Options, process
from lemmata.engines.llama.engine import MOST_RESTARTS
from lemmata.errors import (
    AdapterRefused,
    BadInput,
    EngineDied,
    LemmataError,
    ModelRefused,
    NotReady,
)

OPTIONS = Options(threads=1, cells=1024, context=512, running=8, sequences=16, chunk=64)
ASK = Request("r", "Once upon a time", None, Sampling(temperature=0, max_tokens=20))


def open_tiny(folder, **how):
    path = tiny_model.write(folder / "tiny.gguf", **how)
    return LlamaEngine(path, "tiny", tiny_model.BASE, folder / "cache", OPTIONS)


@pytest.fixture
def run(tmp_path):
    """Run a scenario with a fresh engine, which is closed after it."""

    def runner(scenario):
        engine = open_tiny(tmp_path)

        async def inner():
            try:
                await asyncio.wait_for(scenario(engine), 60)
            finally:
                await engine.close()

        asyncio.run(inner())

    return runner


async def again(engine, request=ASK):
    """The answer of the restarted child."""
    for _ in range(600):
        try:
            return await complete(engine, request)
        except LemmataError:
            await asyncio.sleep(0.05)
    raise AssertionError("the engine did not come back")


async def changed(engine, child):
    """Until another child is there, or none will be."""
    for _ in range(2000):
        if engine.pid != child and (engine.pid is not None or engine._deaths > MOST_RESTARTS):
            return
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV])
def test_a_dead_child_fails_its_requests_and_comes_back_with_its_adapters(run, tmp_path, how):
    async def scenario(engine):
        await engine.load_adapter(tiny_model.adapter(tmp_path / "one"))
        tuned = Request("t", "Once upon a time", "one", ASK.sampling)
        before = await complete(engine, tuned)
        long = Request("l", "x", None, Sampling(temperature=0))
        streams = [engine.generate([long]) for _ in range(3)]
        for stream in streams:
            await anext(stream)
        os.kill(engine.pid, how)
        for stream in streams:
            with pytest.raises(EngineDied, match=f"signal {how}"):
                async for _ in stream:
                    pass
        assert await again(engine, tuned) == before
        assert engine.health().ready

    run(scenario)


def test_a_stopped_child_is_noticed_and_replaced(run, monkeypatch):
    monkeypatch.setattr(process, "LONGEST_SILENCE_S", 3.0)
    monkeypatch.setattr(process, "PING_S", 0.1)

    async def scenario(engine):
        stream = engine.generate([Request("l", "x", None, Sampling(temperature=0))])
        await anext(stream)
        os.kill(engine.pid, signal.SIGSTOP)
        with pytest.raises(EngineDied, match="silent"):
            async for _ in stream:
                pass
        assert (await again(engine)).text

    run(scenario)


def test_a_stopped_child_whose_pipe_is_full_keeps_nobody(run, monkeypatch):
    """Neither the event loop, which goes on, nor the watchdog, which replaces the child."""
    monkeypatch.setattr(process, "LONGEST_SILENCE_S", 3.0)
    monkeypatch.setattr(process, "PING_S", 0.1)
    large = Request("l", tuple([70] * 400), None, ASK.sampling)

    async def scenario(engine):
        os.kill(engine.pid, signal.SIGSTOP)
        asked = [asyncio.create_task(complete(engine, large)) for _ in range(300)]
        for _ in range(20):
            await asyncio.sleep(0)
        assert not any(task.done() for task in asked)
        errors = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(error, EngineDied) for error in errors)
        assert (await again(engine)).text

    run(scenario)


@pytest.mark.parametrize(
    "how", [{"prompt": "a\ud800"}, {"stop": ("\udfff",)}, {"grammar": "\ud800"}]
)
def test_text_that_is_no_unicode_is_the_askers_mistake(run, how):
    prompt = how.pop("prompt", "x")

    async def scenario(engine):
        first = engine.pid
        with pytest.raises(BadInput, match="surrogate"):
            await complete(engine, Request("b", prompt, None, Sampling(**how)))
        assert (await complete(engine, ASK)).text
        assert engine.pid == first
        assert not engine._calls
        assert not engine._streams.numbers()

    run(scenario)


def test_a_stuck_decode_is_noticed_and_replaced(run, monkeypatch):
    async def scenario(engine):
        first = engine.pid
        engine._process._judge(process.LONGEST_STEP_S + 1)
        await changed(engine, first)
        assert (await again(engine)).text
        assert engine.pid != first

    run(scenario)


def test_it_gives_up_when_it_dies_again_and_again(run):
    async def scenario(engine):
        for _ in range(10):
            if engine.pid is None:
                break
            child = engine.pid
            os.kill(child, signal.SIGKILL)
            await changed(engine, child)
        with pytest.raises(EngineDied, match="too often"):
            await complete(engine, ASK)
        assert not engine._calls
        assert not engine.health().ready

    run(scenario)


def test_what_is_asked_during_a_restart_is_told_to_come_again_and_forgotten(run):
    async def scenario(engine):
        kept, engine._process = engine._process, None  # as between a death and the new child
        for _ in range(3):
            with pytest.raises(NotReady, match="restarting"):
                await complete(engine, ASK)
            with pytest.raises(NotReady, match="restarting"):
                await engine.score((3, 4, 5))
        assert not engine._calls
        assert not engine._streams.numbers()
        engine._process = kept
        assert (await complete(engine, ASK)).text

    run(scenario)


def test_closing_ends_what_runs_and_leaves_no_process(tmp_path):
    async def scenario():
        engine = open_tiny(tmp_path)
        child = engine.pid
        stream = engine.generate([Request("l", "x", None, Sampling(temperature=0))])
        await anext(stream)
        await engine.close()
        with pytest.raises(EngineDied, match="closed"):
            async for _ in stream:
                pass
        await engine.close()
        with pytest.raises(EngineDied, match="closed"):
            await complete(engine, ASK)
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)

    asyncio.run(scenario())


def test_a_child_killed_while_it_opens_is_no_fault_of_the_file(tmp_path):
    """Killed as soon as it is there; where it was quicker, once more."""
    us = psutil.Process()
    others = set(us.children())

    def kill():
        while not (children := set(us.children()) - others):
            time.sleep(0.001)
        children.pop().kill()

    for _ in range(10):
        killer = threading.Thread(target=kill)
        killer.start()
        try:
            engine = open_tiny(tmp_path)
        except EngineDied as error:
            died = error
            break
        finally:
            killer.join()
        asyncio.run(engine.close())
    assert "killed while it opened tiny.gguf" in died.cause
    assert "LEMMATA_CELLS" in died.mend


def test_the_child_ends_with_its_parent(tmp_path):
    engine = open_tiny(tmp_path)
    child = engine._process._child
    child.stdin.close()
    assert child.wait(30) == 0
    asyncio.run(engine.close())


def test_one_engine_serves_several_event_loops(tmp_path):
    engine = open_tiny(tmp_path)
    first = asyncio.run(complete(engine, ASK))
    assert asyncio.run(complete(engine, ASK)) == first
    asyncio.run(engine.close())


def test_broken_weights_are_refused_before_traffic(tmp_path):
    with pytest.raises(ModelRefused, match="broken"):
        open_tiny(tmp_path, broken=True)


def test_weights_that_are_no_numbers_are_refused_by_name(tmp_path):
    path = tiny_model.write(tmp_path / "nan.gguf")
    reader = gguf.GGUFReader(str(path), "r+")
    next(t for t in reader.tensors if t.name == "blk.1.attn_v.weight").data[3, 5] = np.nan
    del reader
    with pytest.raises(ModelRefused, match=r"blk\.1\.attn_v\.weight"):
        LlamaEngine(path, "nan", "", tmp_path, OPTIONS)


def test_a_damaged_file_is_refused(tmp_path):
    path = tiny_model.write(tmp_path / "whole.gguf")
    (tmp_path / "cut.gguf").write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(ModelRefused):
        LlamaEngine(tmp_path / "cut.gguf", "cut", "", tmp_path, OPTIONS)


def test_an_adapter_for_another_base_is_refused_and_the_engine_goes_on(run, tmp_path):
    async def scenario(engine):
        ref = tiny_model.adapter(tmp_path / "one")
        other = ref.__class__(ref.name, ref.path, ref.sha256, "other/base", ref.rank, ref.alpha)
        with pytest.raises(AdapterRefused, match="other/base"):
            await engine.load_adapter(other)
        assert engine.adapters() == ()
        assert (await complete(engine, ASK)).text

    run(scenario)


def test_a_grammar_that_cannot_be_used_is_one_requests_error(run):
    async def scenario(engine):
        bad = Request("b", "x", None, Sampling(temperature=0, grammar="root ::= ("))
        with pytest.raises(BadInput, match="grammar"):
            await complete(engine, bad)
        assert (await complete(engine, ASK)).text

    run(scenario)


def test_the_event_loop_goes_on_while_a_text_is_cut_into_tokens(run):
    async def scenario(engine):
        os.kill(engine.pid, signal.SIGSTOP)  # so that the answer cannot come
        asked = asyncio.create_task(complete(engine, ASK))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not asked.done()
        os.kill(engine.pid, signal.SIGCONT)
        assert (await asked).text

    run(scenario)


@pytest.mark.parametrize("dies", [False, True])
def test_who_leaves_while_the_child_cuts_the_text_harms_nobody(run, dies):
    """The answer, or the death, finds nobody to tell."""

    async def scenario(engine):
        first = engine.pid
        os.kill(engine.pid, signal.SIGSTOP)
        asked = [asyncio.create_task(complete(engine, ASK)) for _ in range(3)]
        scored = asyncio.create_task(engine.score((3, 4, 5)))
        for _ in range(20):
            await asyncio.sleep(0)
        for task in (*asked, scored):
            task.cancel()
        await asyncio.gather(*asked, scored, return_exceptions=True)
        os.kill(engine.pid, signal.SIGKILL if dies else signal.SIGCONT)
        if dies:
            await changed(engine, first)
        assert (await again(engine)).text
        assert not engine._calls
        assert (engine.pid == first) != dies

    run(scenario)


def test_a_text_beyond_any_context_is_refused_before_it_is_cut(run):
    async def scenario(engine):
        with pytest.raises(BadInput, match="2,000,000 characters"):
            await complete(engine, Request("b", "x" * 2_000_000))
        assert (await complete(engine, ASK)).text

    run(scenario)


def test_ctrl_c_at_the_terminal_is_for_the_parent(run):
    async def scenario(engine):
        assert os.getpgid(engine.pid) == engine.pid != os.getpgrp()
        os.kill(engine.pid, signal.SIGINT)
        assert (await complete(engine, ASK)).text

    run(scenario)
