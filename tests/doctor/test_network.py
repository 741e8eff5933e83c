from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lemmata import settings as reading
from lemmata.doctor import network
from lemmata.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(reading.load(), home=tmp_path, offline=False, hf_endpoint=None)


@pytest.fixture
def mirror() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    server.RequestHandlerClass.log_message = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_taken_port_is_told_with_its_mend(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        found = network.port(replace(settings, port=taken.getsockname()[1]))
    assert found.state == "warn"
    assert "LEMMATA_PORT" in found.mend


@pytest.mark.parametrize(("value", "state"), [("0\n", "warn"), ("1\n", "ok")])
def test_the_container_network_trap(tmp_path: Path, value: str, state: str) -> None:
    path = tmp_path / "ip_forward"
    path.write_text(value)
    found = network.ip_forward(path)
    assert found.state == state
    assert bool(found.mend) == (state == "warn")


def test_nothing_is_tried_unasked(settings: Settings) -> None:
    dead = replace(settings, hf_endpoint="http://127.0.0.1:9")
    assert all(f.state == "ok" for f in network.sources(dead, online=False))


def test_a_mirror_is_tried_when_asked(settings: Settings, mirror: str) -> None:
    dead = replace(settings, modelscope_domain="127.0.0.1:9")
    found = {f.name: f for f in network.sources(replace(dead, hf_endpoint=mirror), online=True)}
    assert found["hugging face"].state == "ok"
    assert found["modelscope"].state == "warn"
    assert found["modelscope"].mend


def test_offline_mode_is_said(settings: Settings) -> None:
    found = network.sources(replace(settings, offline=True), online=True)
    assert {f.state for f in found} == {"warn"}


def test_a_token_in_the_index_url_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:secret@mirror.example/simple")
    assert network._pip_index() == "https://mirror.example/simple"
