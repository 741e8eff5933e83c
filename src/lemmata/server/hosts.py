"""Which host names are answered: a page elsewhere must not reach this machine by one of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from lemmata.server.errors import body

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::\d*)?")


class KnownHosts:
    """Refuses a request for a host that is not in `names`, which may begin with `*.`."""

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = Headers(scope=scope).get("host", "")
        if self._knows(given):
            await self._app(scope, receive, send)
            return
        why = f"this server does not answer to the host name {given[:100]!r}"
        mend = "Start it with --allow-host and that name, or ask it as 127.0.0.1."
        await JSONResponse(body(f"{why}. {mend}", 400), 400)(scope, receive, send)

    def _knows(self, given: str) -> bool:
        host = _HOST.fullmatch(given)
        if host is None:
            return False
        name = host[1].lower()
        return name in self._names or "*." + name.partition(".")[2] in self._names
