"""Who asks: a bearer key with a scope, where the server wants one at all."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from lemmata.server.budgets import Budgets
from lemmata.server.service import Serving

if TYPE_CHECKING:
    from lemmata.server.state.keys import Key, Keys, Scope

REMEMBERED_SECONDS = 5.0
"""A removed key stops working within this time."""
ANYONE = ""
"""The queue's name for whoever asks where no keys are wanted."""
_bearer = HTTPBearer(auto_error=False, description="`lemmata keys add NAME` makes one.")
Given = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


class Gate:
    """Looks keys up, remembering the good ones for a moment. Bad ones are never remembered."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self.budgets = Budgets(keys)
        self._known: dict[bytes, tuple[float, Key]] = {}

    async def find(self, text: str) -> Key | None:
        digest, now = hashlib.sha256(text.encode()).digest(), time.monotonic()
        until, key = self._known.get(digest, (0.0, None))
        if key is not None and now < until:
            return key
        key = await asyncio.to_thread(self._keys.find, text)
        self._known.pop(digest, None)
        if key is not None:
            self._known[digest] = (now + REMEMBERED_SECONDS, key)
        return key


def allow(scope: Scope) -> Callable[..., Coroutine[Any, Any, str]]:
    """A dependency that lets through keys of that scope; its value names the asker's queue."""

    async def check(given: Given, service: Serving) -> str:
        if service.gate is None:
            return ANYONE
        key = await service.gate.find(given.credentials) if given else None
        if key is None:
            raise HTTPException(401, "no valid API key was given", {"WWW-Authenticate": "Bearer"})
        if not key.may(scope):
            raise HTTPException(403, f"this key may not do that: it needs the scope {scope!r}")
        await service.gate.budgets.admit(key)
        return key.id

    return check


Infer = Annotated[str, Depends(allow("infer"))]
Tune = Annotated[str, Depends(allow("tune"))]
