"""Counts answers by route and status."""

from __future__ import annotations

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

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "other")
                self._requests.labels(route, str(message["status"])).inc()
            await send(message)

        await self._app(scope, receive, counted)
