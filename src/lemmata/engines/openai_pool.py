"""Connections that outlive a call: a pool for each event loop, to which its sockets belong."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator
from functools import cache

import httpx

from lemmata.errors import EngineDied

TIMEOUT = httpx.Timeout(30.0, read=300.0)
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=256, keepalive_expiry=2.0)
"""Servers close what is idle for five seconds; a request must not meet that."""
_Keeping = AsyncGenerator[httpx.AsyncClient, None]


class Pools:
    """Clients that ask what `like` asks, with its address and headers at that moment."""

    def __init__(self, like: httpx.Client) -> None:
        self._like = like
        self._kept: dict[asyncio.AbstractEventLoop, tuple[_Keeping, httpx.AsyncClient]] = {}

    async def client(self) -> httpx.AsyncClient:
        """That of the running loop, which closes it at its end. Raises EngineDied after `close`."""
        if self._like.is_closed:
            raise EngineDied("the engine is closed")
        loop = asyncio.get_running_loop()
        if loop not in self._kept:
            keeping = self._keep(loop)
            self._kept[loop] = keeping, await anext(keeping)
        client = self._kept[loop][1]
        client.base_url = self._like.base_url
        return client

    async def _keep(self, loop: asyncio.AbstractEventLoop) -> _Keeping:
        """Loops close their asynchronous generators before they end, and nothing else of ours."""
        headers = dict(self._like.headers)
        client = httpx.AsyncClient(headers=headers, timeout=TIMEOUT, limits=_LIMITS, verify=tls())
        try:
            while True:
                yield client
        finally:
            del self._kept[loop]
            await client.aclose()

    async def close(self) -> None:
        """That of the running loop; other loops close theirs."""
        kept = self._kept.get(asyncio.get_running_loop())
        if kept is not None:
            await kept[0].aclose()


@cache
def tls() -> ssl.SSLContext:
    """Made once: it reads every root certificate."""
    return httpx.create_ssl_context()
