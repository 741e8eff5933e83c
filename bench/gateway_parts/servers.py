"""The servers that are measured, each a process of its own.

`python servers.py PACE FD` is one of them: the real application around the echo engine, which waits
PACE seconds after each token, on the listening socket FD.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

if __name__ != "__main__":
    from gateway_parts.client import ask

PATIENCE_S = 180
"""For a server to come up."""
PACE_S = 0.02
"""That the paced engine waits after each token has been taken: 50 tokens a second at most."""
Server = tuple[int, psutil.Process]
"""Its port and its process."""


@contextlib.contextmanager
def ours(pace: float, source: Path | None = None) -> Iterator[Server]:
    """This checkout's server, or that of the sources in `source`, around the echo engine."""
    sock = socket.create_server(("127.0.0.1", 0), backlog=4096)
    words = [sys.executable, __file__, str(pace), str(sock.fileno())]
    more = {"PYTHONPATH": str(source)} if source else {}
    with process(words, more, fds=[sock.fileno()]) as child:
        port = sock.getsockname()[1]
        sock.close()
        until_ready(child, port, "/readyz")
        yield port, child


@contextlib.contextmanager
def lemmata(
    words: Sequence[str], home: Path | None = None, source: Path | None = None
) -> Iterator[Server]:
    """`lemmata serve WORDS`, as anybody starts it, or that of the sources in `source`."""
    line = [sys.executable, "-m", "lemmata", "serve", *words, "--port", "0", "--log", "json"]
    more = {"LEMMATA_HOME": home, "PYTHONPATH": source}
    with process(line, {k: str(v) for k, v in more.items() if v}, stdout=True) as child:
        found = re.search(r":(\d+)$", child.first_line)
        if found is None:
            raise RuntimeError(f"lemmata serve did not come up: {child.first_line!r}")
        yield int(found[1]), child


@contextlib.contextmanager
def litellm(python: Path, upstream: int) -> Iterator[Server]:
    """LiteLLM's proxy in front of an OpenAI-compatible server; `python` has litellm[proxy]."""
    port = free_port()
    place = f"http://127.0.0.1:{upstream}/v1"
    model = {"model": "openai/echo", "api_base": place, "api_key": "none"}
    config = {
        "model_list": [{"model_name": "echo", "litellm_params": model}],
        "litellm_settings": {"telemetry": False, "num_retries": 0},
    }
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        json.dump(config, file)  # JSON is YAML
        file.flush()
        words = [str(python.parent / "litellm"), "--config", file.name]
        words += ["--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
        settings = {
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LITELLM_LOG": "ERROR",
            "LITELLM_MODE": "PRODUCTION",
            "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",  # on loopback, as ours
        }
        with process(words, settings) as child:
            until_ready(child, port, "/health/liveliness")
            yield port, child


@contextlib.contextmanager
def llama_cpp(python: Path, gguf: Path) -> Iterator[Server]:
    """llama-cpp-python's own server; `python` has llama-cpp-python[server]."""
    port = free_port()
    words = [str(python), "-m", "llama_cpp.server", "--model", str(gguf), "--model_alias", "it"]
    words += ["--host", "127.0.0.1", "--port", str(port), "--n_ctx", "2048"]
    with process(words, {}) as child:
        until_ready(child, port, "/v1/models")
        yield port, child


@contextlib.contextmanager
def llama_server(python: Path, gguf: Path) -> Iterator[Server]:
    """llama-server, in the process that xllamacpp gives it; `python` has that."""
    source = """
import sys, xllamacpp as x
p = x.CommonParams()
p.model.path, p.n_ctx, p.n_parallel, p.port, p.verbosity = sys.argv[1], 2048, 4, 0, -1
server = x.Server(p)
print(server.listening_address, flush=True)
sys.stdin.read()
"""
    with process([str(python), "-c", source, str(gguf)], {}, stdout=True) as child:
        yield int(child.first_line.rsplit(":", 1)[1]), child


class Child(psutil.Process):
    first_line = ""


@contextlib.contextmanager
def process(
    words: Sequence[str], more: Mapping[str, str], fds: Sequence[int] = (), stdout: bool = False
) -> Iterator[Child]:
    """A running program, in a home of its own unless `more` names one; ended afterwards."""
    with tempfile.TemporaryDirectory() as home:
        popen = subprocess.Popen(
            words,
            pass_fds=fds,
            env={**os.environ, "LEMMATA_HOME": home, **more},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if stdout else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            child = Child(popen.pid)
            child.first_line = popen.stdout.readline().strip() if popen.stdout else ""
            yield child
        finally:
            popen.terminate()
            try:
                popen.wait(60)
            except subprocess.TimeoutExpired:
                popen.kill()
            popen.communicate()


def until_ready(child: psutil.Process, port: int, path: str) -> None:
    """Returns once `path` answers 200."""
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up and child.status() != psutil.STATUS_ZOMBIE:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            if asyncio.run(ask(port, None, "GET", path))[0] == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"the server for {path} did not come up")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


def cpu_s(child: psutil.Process) -> float:
    used = child.cpu_times()
    return float(used.user + used.system)


def serve(pace: float, fd: int) -> None:
    from lemmata import settings
    from lemmata.engines.echo import EchoEngine
    from lemmata.server import log
    from lemmata.server.run import serve as run

    async def opening() -> Any:
        return EchoEngine(context=1 << 20, pause=pace)

    log.begin("json")
    run(socket.socket(fileno=fd), settings.load(), opening, lambda *_: None, sequences=4096)


if __name__ == "__main__":
    serve(float(sys.argv[1]), int(sys.argv[2]))
