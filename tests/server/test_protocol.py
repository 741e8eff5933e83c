"""The bounds of a request's head, and what leaves in one write."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from lemmata.server import protocol
from scripted import ScriptedEngine


def opened(server: Any) -> socket.socket:
    place = urlsplit(server.url)
    return socket.create_connection((place.hostname, place.port), timeout=60)


def all_of(sock: socket.socket) -> bytes:
    """What comes until the server closes."""
    parts = []
    while part := sock.recv(65536):
        parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("begun", [b"GET / HTTP/1.1\r\nX: ", b"GET /", b"GET / HTTP/1.1\r\n"])
def test_headers_without_end_are_refused(serving: Callable[..., Any], begun: bytes) -> None:
    with opened(serving(ScriptedEngine(["x"]))) as sock:
        filling = b"a" * (2 * protocol.LARGEST_HEAD) if not begun.endswith(b"\n") else b""
        filling = filling or b"name: value\r\n" * (protocol.LARGEST_HEAD // 6)
        sock.sendall(begun + filling)
        head, _, told = all_of(sock).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431 ")
    assert "64 KiB" in json.loads(told)["error"]["message"]


def test_large_headers_that_end_are_read(serving: Callable[..., Any]) -> None:
    server = serving(ScriptedEngine(["x"]))
    for _ in range(2):  # the second on the same connection
        answer = server.http.get("/healthz", headers={"X": "a" * 60_000})
        assert answer.status_code == 200


def test_what_is_no_http_is_told_so(serving: Callable[..., Any]) -> None:
    with opened(serving(ScriptedEngine(["x"]))) as sock:
        sock.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        head, _, told = all_of(sock).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(told)["error"]["type"] == "invalid_request_error"


def test_a_head_that_does_not_come_is_not_waited_for(
    serving: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.2)
    server = serving(ScriptedEngine(["x"]))
    for begun in (
        b"",
        b"GET /healthz HTTP/1.1\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /",
    ):
        with opened(server) as sock:
            sock.sendall(begun)
            answers = all_of(sock).count(b"HTTP/1.1 200 ")
        assert answers == begun.count(b"\r\n\r\n")


class Wire(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closed
        self.writes.append(bytes(data))

    def close(self) -> None:
        self.closed = True


def test_one_turn_is_one_write_and_closing_loses_nothing() -> None:
    async def write() -> list[bytes]:
        wire = Wire()
        corked = protocol.Corked(wire, asyncio.get_running_loop())
        for piece in (b"a", b"b", b"c"):
            corked.write(piece)
        await asyncio.sleep(0)
        corked.write(b"d")
        corked.write(b"e")
        corked.close()
        await asyncio.sleep(0)
        return wire.writes

    assert asyncio.run(write()) == [b"abc", b"de"]


def test_a_long_turn_is_not_held_back_whole() -> None:
    async def write() -> list[bytes]:
        wire = Wire()
        corked = protocol.Corked(wire, asyncio.get_running_loop())
        for _ in range(3):
            corked.write(b"x" * 50_000)
        return list(wire.writes)

    assert asyncio.run(write()) == [b"x" * 100_000]
