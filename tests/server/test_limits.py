"""Requests that never end and answers that never end."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from lemmata.server import limits
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
