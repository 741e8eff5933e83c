"""What each key has used up: requests a minute, sequences at once, tokens a day.

Requests and sequences are counted by this process, tokens in the database, which several gateways
may share.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lemmata.errors import LemmataError, Overloaded

if TYPE_CHECKING:
    from lemmata.server.state.keys import Key, Keys


log = logging.getLogger("lemmata.server")


@dataclass
class _Account:
    key: Key
    left: float
    """Of the minute's requests; refilled steadily."""
    at: float
    running: int = 0


class Budgets:
    """The accounts of the keys that have asked since the start. One event loop's."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._accounts: dict[str, _Account] = {}
        self._writing: set[asyncio.Task[None]] = set()
        self._unwritten: dict[str, int] = {}

    async def admit(self, key: Key) -> None:
        """One more request. Raises Overloaded where the minute's or the day's share is used up."""
        account = self._account(key)
        rate = key.allowance.requests_per_minute
        if rate is not None:
            _take(account, rate)
        limit = key.allowance.tokens_per_day
        if limit is not None and await asyncio.to_thread(self._keys.used, key.id) >= limit:
            raise Overloaded(
                f"this key has used its {limit} tokens of today",
                "It has new ones at midnight UTC.",
                retry_after=_to_midnight(),
            )

    def _account(self, key: Key) -> _Account:
        account = self._accounts.get(key.id)
        if account is None:
            rate = key.allowance.requests_per_minute or 0
            account = self._accounts[key.id] = _Account(key, rate, time.monotonic())
        account.key = key
        return account

    @contextmanager
    def running(self, key_id: str, sequences: int) -> Iterator[None]:
        """While `sequences` of a key are waiting or written. Raises Overloaded over its limit."""
        account = self._accounts[key_id]
        limit = account.key.allowance.sequences
        if limit is not None and account.running + sequences > limit:
            raise Overloaded(
                f"this key may have {limit} sequences at once and asks for "
                f"{account.running + sequences}",
                "Wait for the others, or ask for fewer.",
            )
        account.running += sequences
        try:
            yield
        finally:
            account.running -= sequences

    def spend(self, key_id: str, tokens: int) -> None:
        """Write it down without keeping anybody waiting."""
        self._unwritten[key_id] = self._unwritten.get(key_id, 0) + tokens
        task = asyncio.create_task(self._write(key_id))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write(self, key_id: str) -> None:
        """What the database does not take now is written with what comes next."""
        tokens = self._unwritten.pop(key_id, 0)
        try:
            await asyncio.to_thread(self._keys.use, key_id, tokens)
        except LemmataError as error:
            self._unwritten[key_id] = self._unwritten.get(key_id, 0) + tokens
            log.warning("%d tokens of key %s are not written down yet: %s", tokens, key_id, error)

    async def close(self) -> None:
        """Wait until all is written down, or cannot be."""
        await asyncio.gather(*self._writing, return_exceptions=True)
        await asyncio.gather(*map(self._write, tuple(self._unwritten)), return_exceptions=True)


def _take(account: _Account, rate: int) -> None:
    now = time.monotonic()
    account.left = min(rate, account.left + (now - account.at) * rate / 60)
    account.at = now
    if account.left < 1:
        raise Overloaded(
            f"this key may ask {rate} times a minute",
            "Ask again after Retry-After seconds.",
            retry_after=math.ceil((1 - account.left) * 60 / rate),
        )
    account.left -= 1


def _to_midnight() -> int:
    now = datetime.now(UTC)
    return 86_400 - (now.hour * 3600 + now.minute * 60 + now.second)
