"""Our own vLLM: started on loopback with adapters switched on, started again when it dies.

It listens on 127.0.0.1 alone and asks for a key that only we know, since its adapter API lets any
caller probe the server's files (https://docs.vllm.ai/en/latest/features/lora.html).
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import shlex
import shutil
import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from lemmata.adapters import gguf_lora
from lemmata.engines.openai import OpenAIEngine, client_of
from lemmata.engines.openai_adapters import LARGEST_RANK
from lemmata.engines.openai_server import look
from lemmata.engines.pulse import BEAT_S
from lemmata.engines.vllm.process import Process
from lemmata.errors import LemmataError, MissingExtra
from lemmata.types import AdapterRef

log = logging.getLogger("lemmata.engines.vllm")

LONGEST_CONTEXT = 40_960
"""What VibeThinker was evaluated with; a model trained for more would ask for more memory."""
MOST_RESTARTS = 5
"""Without `SETTLED_S` of life between them."""
SETTLED_S = 60.0
_PAUSE_S = 0.5


@dataclass(frozen=True, slots=True)
class Options:
    """How vLLM is started. `command` and `more` are as on a command line: LEMMATA_VLLM and
    LEMMATA_VLLM_ARGS."""

    command: str = "vllm"
    more: str = ""
    largest_rank: int = LARGEST_RANK
    """One of vLLM's own numbers for --max-lora-rank."""
    batched_adapters: int = 8
    """Adapters in one batch; each takes GPU memory."""
    resident_adapters: int = 64
    """Adapters in CPU memory."""
    beat_s: float = BEAT_S


class VllmEngine(OpenAIEngine):
    """Serve the Hugging Face folder `model` as `name`; `base` is its hub id ("" for unknown), for
    checking adapters; `logs` is a folder. Blocks until it is ready.

    Raises MissingExtra where vLLM is not installed, EngineDied where it does not start.
    """

    def __init__(self, model: Path, name: str, base: str, logs: Path, options: Options) -> None:
        self._base = base
        self._key = secrets.token_urlsafe(32)
        self._arguments = _arguments(model, name, options)
        self._log = logs / "vllm.log"
        self._stopping = threading.Event()
        self._port = _free_port()
        self._process = self._start()
        try:
            client = client_of(self._url, self._key)
            server = look(client, self._url)
        except BaseException:
            self._process.close()
            raise
        super().__init__(client, server, "vllm", options.largest_rank, options.beat_s)
        self._keeping = threading.Thread(target=self._keep, name="vllm-keeping", daemon=True)
        self._keeping.start()

    @property
    def pid(self) -> int:
        """Of the process that holds vLLM."""
        return self._process.pid

    @property
    def _url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def _start(self) -> Process:
        words = [*self._arguments, "--port", str(self._port)]
        process = Process(words, self._log, {
            "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "1",
            "VLLM_API_KEY": self._key,
            "VLLM_NO_USAGE_STATS": "1",
            "HF_HUB_OFFLINE": "1",
        })  # fmt: skip
        try:
            process.wait_ready(self._url, log.warning)
        except BaseException:
            process.close()
            raise
        return process

    def _keep(self) -> None:
        """Start it again whenever it ends; the pulse then gives it its adapters back."""
        deaths, began = 0, time.monotonic()
        while not self._stopping.is_set():
            self._process.wait()
            if self._stopping.is_set():
                return
            self._pulse.lost()
            deaths = 1 if time.monotonic() - began > SETTLED_S else deaths + 1
            log.error("vLLM died: %s", self._process.last_words())
            if deaths > MOST_RESTARTS:
                log.error("vLLM died %d times in a row and is left alone", deaths)
                return
            self._stopping.wait(_PAUSE_S * deaths)
            began = time.monotonic()
            self._start_again()

    def _start_again(self) -> None:
        if not _is_free(self._port):
            self._port = _free_port()
        try:
            process = self._start()
        except LemmataError as error:
            log.error("vLLM did not start again: %s", error.cause)
            return
        self._process = process
        self._sync.base_url = self._url
        self._pulse.lost()  # look at once
        if self._stopping.is_set():
            process.close()

    async def load_adapter(self, ref: AdapterRef) -> None:
        gguf_lora.check_base(ref, self._base)
        await super().load_adapter(ref)

    async def close(self) -> None:
        self._stopping.set()
        await super().close()
        await asyncio.to_thread(self._process.close)


def _arguments(model: Path, name: str, options: Options) -> list[str]:
    words = _found(options.command)
    words += ["serve", str(model), "--host", "127.0.0.1", "--served-model-name", name]
    words += ["--enable-lora", "--max-loras", str(options.batched_adapters)]
    words += ["--max-lora-rank", str(options.largest_rank)]
    words += ["--max-cpu-loras", str(options.resident_adapters)]
    if (context := _context(model)) is not None:
        words += ["--max-model-len", str(context)]
    return words + shlex.split(options.more)


def _found(command: str) -> list[str]:
    """The command with its program's path; beside our own Python first. Raises MissingExtra."""
    program, *rest = shlex.split(command) or [""]
    beside = shutil.which(program, path=str(Path(sys.executable).parent))
    found = beside or shutil.which(program)
    if found is None:
        raise MissingExtra(program or "vllm", "vllm")
    return [found, *rest]


def _context(model: Path) -> int | None:
    told = json.loads((model / "config.json").read_text("utf-8")).get("max_position_embeddings")
    return min(told, LONGEST_CONTEXT) if isinstance(told, int) else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
