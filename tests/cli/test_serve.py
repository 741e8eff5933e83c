"""`lemmata serve` as a process: the one line, the port, the signals."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

Start = Callable[..., contextlib.AbstractContextManager["subprocess.Popen[str]"]]


@pytest.fixture
def start(environment: dict[str, str]) -> Start:
    @contextlib.contextmanager
    def started(*words: str) -> Iterator[subprocess.Popen[str]]:
        command = [sys.executable, "-m", "lemmata", "serve", "--engine", "echo", "--port", "0"]
        process = subprocess.Popen(
            [*command, *words],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    return started


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    found = re.fullmatch(r"Lemmata serves echo at (http://\S+)\n", process.stdout.readline())
    assert found is not None
    return found[1]


def test_one_line_and_then_it_answers(start: Start) -> None:
    with start() as process:
        url = url_of(process)
        assert httpx.get(f"{url}/readyz").json()["model"] == "echo"
        assert httpx.get(f"{url}/").status_code == 200
        process.send_signal(signal.SIGTERM)
        rest, told = process.communicate(timeout=20)
        assert process.returncode == 0
        assert rest == ""
        assert "Traceback" not in told


def test_ctrl_c_is_130_and_one_word(start: Start) -> None:
    with start() as process:
        url_of(process)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
        assert process.returncode == 130
        assert told.splitlines()[-1] == "stopped"
        assert "Traceback" not in told


@pytest.mark.parametrize("delay", [0.05, 0.2, 0.4, 0.6, 0.8, 1.0])
def test_ctrl_c_while_it_starts(start: Start, delay: float) -> None:
    with start() as process:
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
        if "Traceback" in told:
            # On a slow machine Python may not have reached the first line of ours.
            assert "lemmata/cli" not in told
        else:
            assert (process.returncode, told.splitlines()[-1]) == (130, "stopped")


def test_answers_under_way_are_finished(start: Start) -> None:
    with start() as process:
        url = url_of(process)
        text = "word " * 700
        body = {"model": "echo", "prompt": text, "max_tokens": 3500, "stream": True}
        got: list[str] = []

        def read() -> None:
            with httpx.stream("POST", f"{url}/v1/completions", json=body, timeout=30) as answer:
                got.extend(answer.iter_lines())

        reader = threading.Thread(target=read)
        reader.start()
        while not got:
            time.sleep(0.002)
        process.send_signal(signal.SIGTERM)
        reader.join(30)
        assert process.wait(20) == 0
        assert got[-2] == "data: [DONE]"


def test_a_taken_port_is_told_before_anything_is_loaded(lemmata: Callable[..., Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = lemmata("serve", "--model", "no-such-model", "--port", str(port))
    assert done.returncode == 3
    assert done.stderr == (
        f"lemmata: port {port} is taken. Stop what uses it, or pass another: --port {port + 1}.\n"
    )


def test_two_servers_started_at_once_do_not_share_a_port(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    words = [sys.executable, "-m", "lemmata", "serve", "--engine", "echo", "--port", port]
    pipe = subprocess.PIPE
    both = [
        subprocess.Popen(words, env=environment, stdout=pipe, stderr=pipe, text=True)
        for _ in range(2)
    ]
    try:
        deadline = time.monotonic() + 20
        while all(p.poll() is None for p in both) and time.monotonic() < deadline:
            time.sleep(0.02)
        codes = sorted((p.poll() for p in both), key=lambda code: code is None)
        assert codes == [3, None]
    finally:
        for process in both:
            process.kill()
            process.communicate()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_it_does_not_open_itself_to_others_unasked(lemmata: Callable[..., Any], host: str) -> None:
    done = lemmata("serve", "--host", host, "--port", "0")
    assert done.returncode == 2
    assert "lemmata keys add" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_unknown_model_is_one_line(lemmata: Callable[..., Any]) -> None:
    done = lemmata("serve", "--model", "no-such-model", "--port", "0")
    assert done.returncode == 2
    assert "no-such-model" in done.stderr.splitlines()[-1]
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_page_elsewhere_cannot_reach_it_by_a_name_of_its_own(start: Start) -> None:
    with start("--allow-host", "proxy.example") as process:
        url = url_of(process)
        statuses = {
            host: httpx.get(f"{url}/healthz", headers={"Host": host}).status_code
            for host in ("localhost:8080", "127.0.0.1", "proxy.example", "evil.example")
        }
        assert statuses == {
            "localhost:8080": 200, "127.0.0.1": 200, "proxy.example": 200, "evil.example": 400,
        }  # fmt: skip
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_elsewhere_it_serves_those_who_have_a_key(
    lemmata: Callable[..., Any], start: Start
) -> None:
    key = lemmata("keys", "add", "laptop").stdout.strip()
    with start("--host", "0.0.0.0") as process:
        url = url_of(process)
        asked: dict[str, dict[str, str]] = {
            "none": {},
            "wrong": {"Authorization": f"Bearer {key[:-1]}"},
            "right": {"Authorization": f"Bearer {key}"},
        }
        statuses = {
            name: httpx.get(f"{url}/v1/models", headers=headers).status_code
            for name, headers in asked.items()
        }
        assert statuses == {"none": 401, "wrong": 401, "right": 200}
        assert httpx.get(f"{url}/healthz").status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
