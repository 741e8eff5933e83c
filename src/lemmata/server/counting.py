"""Counts answers by route and status."""

from __future__ import annotations

from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lemmata.server.service import Service


class Counting:
    """`route` is the path as declared, never as asked: clients must not invent labels."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._requests = service.metrics.requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        def counted(message: Message) -> Awaitable[None]:
            """Hands on what `send` gives, so that a piece of a stream costs no coroutine here."""
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "other")
                self._requests.labels(route, str(message["status"])).inc()
            return send(message)

        await self._app(scope, receive, counted)
