"""Random traffic through the child process, which is killed in the middle of it.

Whatever comes in whatever order: every request is answered once, or fails with an error that says
why; what it writes is what it gets alone on the adapter that its name meant when it was asked; at
the end nothing is left over.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from dataclasses import replace

import psutil
import pytest

from engines import tiny_model
from lemmata.engines.base import GREEDY, Request, complete
from lemmata.engines.llama import LlamaEngine, Options
from lemmata.errors import (
    AdapterRefused,
    ContextOverflow,
    EngineDied,
    LemmataError,
    NotReady,
    UnknownAdapter,
)

from .near_ties import same

OPTIONS = Options(
    threads=1, cells=384, context=160, running=6, sequences=12, chunk=64, slice_steps=6, resident=2
)
PROMPTS = ["a", "Once upon a time there was", "Once upon a time there were two", "1 + 1 ="]
NAMES = ["one", "two", "three"]
LONGEST = 30


class Traffic:
    def __init__(self, engine, contents, draw):
        self.engine, self.contents, self.draw = engine, contents, draw
        self.names: dict = {}
        self.truths: dict = {}
        self.tasks: list[asyncio.Task] = []
        self.kills = 0
        self.seen: set[str] = set()

    async def know(self):
        """What each prompt gets alone on each content."""
        for ref in self.contents:
            await self.engine.load_adapter(replace(ref, name="truth"))
            for prompt in PROMPTS:
                self.truths[prompt, ref.sha256] = await self.write(prompt, "truth", LONGEST)
        await self.engine.unload_adapter("truth")
        for prompt in PROMPTS:
            self.truths[prompt, None] = await self.write(prompt, None, LONGEST)

    async def write(self, prompt, name, length, close_after=None):
        """The tokens and the gap to the second best at each; what ended it is checked."""
        sampling = replace(GREEDY, max_tokens=length, logprobs=2)
        ids = tuple(self.ids[prompt])
        tokens, gaps, ends, pieces = [], [], 0, 0
        stream = self.engine.generate([Request("r", ids, name, sampling)])
        async for delta in stream:
            assert not ends, "something came after the end"
            ends += delta.finish_reason is not None
            tokens += [told.token for told in delta.logprobs]
            gaps += [told.top[0][2] - told.top[1][2] for told in delta.logprobs]
            pieces += 1
            if pieces == close_after:
                await stream.aclose()
                return tokens, gaps
        assert ends == 1
        return tokens, gaps

    async def one(self, prompt, name, length, close_after):
        """A request of the traffic, judged."""
        kills = self.kills
        meant = self.names[name].sha256 if name in self.names else None
        known = name is None or name in self.names
        try:
            tokens, _ = await self.write(prompt, name, length, close_after)
        except UnknownAdapter:
            assert not known
            self.seen.add("unknown")
        except AdapterRefused:  # unloaded between the asking and the child's hearing of it
            assert name not in self.names or self.names[name].sha256 != meant
        except (EngineDied, NotReady) as error:
            assert self.kills > kills or not self.ready, "it died by itself"
            self.seen.add("lines" if "\n" in str(error) else "died")
        else:
            assert known
            true, gaps = self.truths[prompt, meant]
            assert same(tokens, (true[: len(tokens)], gaps[: len(tokens)]))
            assert close_after is not None or len(tokens) == length
            self.seen.add("closed" if close_after else "answered")

    def submit(self):
        name = self.draw.choice([None, *NAMES, "nobody"])
        close_after = self.draw.choice([None, None, None, self.draw.randint(1, 5)])
        self.ask(name, self.draw.randint(6, LONGEST), close_after)

    def ask(self, name, length, close_after=None):
        asked = self.one(self.draw.choice(PROMPTS), name, length, close_after)
        self.tasks.append(asyncio.create_task(asked))

    async def overflow(self):
        with pytest.raises(ContextOverflow) as error:
            await complete(self.engine, Request("o", tuple([70] * 500), None, GREEDY))
        assert (error.value.prompt_tokens, error.value.context) == (500, OPTIONS.context)
        self.seen.add("overflow")

    async def load(self):
        """A name gets a content, perhaps in place of another."""
        ref = replace(self.draw.choice(self.contents), name=self.draw.choice(NAMES))
        try:
            await self.engine.load_adapter(ref)
        except (EngineDied, NotReady):
            return
        self.seen.add("replaced" if ref.name in self.names else "loaded")
        self.names[ref.name] = ref

    async def unload(self):
        name = self.draw.choice(NAMES)
        if name not in self.names:
            with pytest.raises(UnknownAdapter):
                await self.engine.unload_adapter(name)
            return
        del self.names[name]
        try:
            await self.engine.unload_adapter(name)
        except (EngineDied, NotReady):
            return
        self.seen.add("unloaded")

    async def score(self):
        try:
            scores = await self.engine.score(tuple(range(3, 40)))
        except (EngineDied, NotReady):
            return
        assert len(scores) == 36
        assert max(scores) < 0
        self.seen.add("scored")

    async def leave(self):
        """Somebody goes away at any moment, also while his text is still cut into tokens."""
        text = Request("l", "Once upon", None, GREEDY)
        writes = self.draw.choice([True, False])
        task = asyncio.create_task(
            complete(self.engine, text) if writes else self.engine.score(tuple(range(3, 60)))
        )
        await asyncio.sleep(self.draw.choice([0, 0, 0.001, 0.01]))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        self.seen.add("left")

    async def kill(self):
        """The child dies with all it holds, and one that knows the adapters takes its place."""
        assert self.engine.pid is not None, "it died by itself"
        self.kills += 1
        self.ready = False
        child = self.engine.pid
        os.kill(child, signal.SIGSTOP)  # so that one request at least is surely unanswered
        self.ask(None, LONGEST)
        await asyncio.sleep(0)
        os.kill(child, self.draw.choice([signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT]))
        os.kill(child, signal.SIGCONT)
        await self.settle()
        for _ in range(2000):
            try:
                await complete(
                    self.engine, Request("k", (70,), None, replace(GREEDY, max_tokens=1))
                )
                break
            except LemmataError:
                await asyncio.sleep(0.02)
        else:
            raise AssertionError("the engine did not come back")
        self.ready = True
        assert {ref.name for ref in self.engine.adapters()} == set(self.names)
        self.seen.add("killed")

    async def settle(self):
        """Until every request is answered: none is lost, none starves."""
        await asyncio.gather(*self.tasks)
        self.tasks.clear()

    async def go_on(self, steps):
        self.ready = True
        self.ids = {prompt: self.engine.tokenize(prompt) for prompt in PROMPTS}
        await self.know()
        rare = [
            self.overflow,
            self.load,
            self.load,
            self.unload,
            self.score,
            self.leave,
            self.settle,
        ]
        for step in range(steps):
            for _ in range(self.draw.randint(1, 4)):
                self.submit()
            await asyncio.sleep(self.draw.choice([0, 0, 0.005]))
            await self.draw.choice(rare)()
            if step % 12 == 11:
                await self.kill()
        await self.settle()


@pytest.mark.parametrize(("seed", "threads"), [(1, 1), (2, 2), (3, 2)])
def test_traffic_with_kills(tmp_path, seed, threads):
    """With two threads, two contexts decode side by side, the second too small for some."""
    gguf = tiny_model.write(tmp_path / "tiny.gguf")
    contents = [tiny_model.adapter(tmp_path / f"a{n}", n) for n in range(4)]
    others = set(psutil.Process().children())
    options = replace(OPTIONS, threads=threads)

    async def scenario():
        engine = LlamaEngine(gguf, "tiny", tiny_model.BASE, tmp_path / "cache", options)
        traffic = Traffic(engine, contents, random.Random(seed))
        try:
            await asyncio.wait_for(traffic.go_on(48), 240)
            assert not engine._calls
            assert not engine._streams.numbers()
            await idle(engine)
            own = set(psutil.Process().children()) - others
            assert len(own) == 1, "one child, and no dead ones"
        finally:
            await engine.close()
        return traffic

    traffic = asyncio.run(scenario())
    assert traffic.kills == 4
    wanted = {"answered", "closed", "unknown", "died", "overflow", "loaded", "replaced"}
    assert "lines" not in traffic.seen, "an error is one line"
    assert traffic.seen >= wanted | {"unloaded", "scored", "killed", "left"}


async def idle(engine):
    for _ in range(1000):
        if not (engine.health().active or engine.health().queued):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("requests are left in the engine")
