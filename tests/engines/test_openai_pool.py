"""Connections are kept from call to call, and no longer than their event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from contract.vllm_standin import serving
from lemmata.engines.base import GREEDY, Request, complete
from lemmata.engines.echo import EchoEngine
from lemmata.engines.openai import OpenAIEngine
from lemmata.errors import EngineDied
from lemmata.types import Message

ASK = Request("r", (Message("user", "one two three"),), None, GREEDY)


async def said(engine: OpenAIEngine) -> str:
    return (await complete(engine, ASK)).text


def ports(engine: OpenAIEngine, ask: Callable[[], Awaitable[object]]) -> set[int]:
    """From which our side asked, as the other saw it."""
    seen: set[int] = set()

    async def look(response: object) -> None:
        stream = response.extensions["network_stream"]  # type: ignore[attr-defined]
        seen.add(stream.get_extra_info("client_addr")[1])

    async def asking() -> None:
        client = await engine._pools.client()
        client.event_hooks = {"response": [look]}
        await ask()

    asyncio.run(asking())
    return seen


def test_calls_share_connections_within_a_loop_and_not_beyond() -> None:
    with serving(EchoEngine()) as url:
        engine = OpenAIEngine.connect(url)

        async def thrice() -> None:
            for _ in range(3):
                assert await said(engine) == "one two three"

        first, second = ports(engine, thrice), ports(engine, thrice)
        assert (len(first), len(second)) == (1, 1)
        assert first != second
        assert engine._pools._kept == {}
        asyncio.run(engine.close())


def test_what_is_broken_off_is_not_used_again() -> None:
    with serving(EchoEngine(pause=0.01)) as url:
        engine = OpenAIEngine.connect(url)

        async def hang_up_and_ask() -> None:
            stream = engine.generate([ASK])
            assert (await anext(stream)).text
            await stream.aclose()
            assert await said(engine) == "one two three"

        assert len(ports(engine, hang_up_and_ask)) == 2
        asyncio.run(engine.close())


def test_a_server_that_was_started_anew_is_asked_anew() -> None:
    async def scenario() -> None:
        with serving(EchoEngine()) as url:
            engine = OpenAIEngine.connect(url)
            assert await said(engine) == "one two three"
        port = int(url.rsplit(":", 1)[1])
        with serving(EchoEngine(), port=port):
            assert await said(engine) == "one two three"
        await engine.close()
        with pytest.raises(EngineDied, match="closed"):
            await said(engine)

    asyncio.run(scenario())
