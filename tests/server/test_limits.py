"""Requests that never end and answers that never end."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from lemmata.server import limits, protocol
from scripted import ScriptedEngine


def test_a_body_that_never_comes_to_its_end_is_given_up(
    serving: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SILENT_SECONDS", 0.2)
    place = urlsplit(serving(ScriptedEngine(["x"])).url)
    with socket.create_connection((place.hostname, place.port), timeout=60) as sock:
        sock.sendall(
            b"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\n\r\n{"
        )
        assert sock.recv(65536).startswith(b"HTTP/1.1 408 ")


def test_an_answer_may_take_so_long(serving: Callable[..., Any]) -> None:
    engine = ScriptedEngine(["x"])
    server = serving(engine)
    server.service.time_limit = 7.5
    server.http.post("/v1/completions", json={"model": "scripted", "prompt": "a"})
    assert engine.requests[0].deadline_s == 7.5


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/api/adapters/x/alias"), ("POST", "/api/data/0/check"), ("POST", "/api/adapters/x")],
)
def test_only_an_upload_may_be_large(
    serving: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    """All other bodies are read into memory, and that before a key is looked at."""
    monkeypatch.setattr(limits, "LINGER_SECONDS", 0.1)
    monkeypatch.setattr(limits, "SILENT_SECONDS", 5.0)
    place = urlsplit(serving(ScriptedEngine(["x"])).url)
    with socket.create_connection((place.hostname, place.port), timeout=60) as sock:
        sock.sendall(
            f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Content-Length: {200 * 2**20}\r\n\r\n{{".encode()
        )
        assert sock.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_client_that_does_not_read_frees_the_engine(
    serving: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "STALLED_SECONDS", 0.2)
    engine = ScriptedEngine(["x" * 10**6], context=10**7)
    place = urlsplit(serving(engine).url)
    body = b'{"model": "scripted", "prompt": "a", "stream": true, "max_tokens": 1000000}'
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        sock.connect((place.hostname, place.port))
        sock.sendall(
            b"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        patience = time.monotonic() + 60
        while not (engine.steps and engine.active == 0):
            assert time.monotonic() < patience
            time.sleep(0.02)
    assert engine.steps < 10**6
