"""The vLLM process: started, waited for, ended; what it says goes into a log file."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from lemmata.errors import EngineDied
from lemmata.settings import child_environment

START_S = 1800.0
"""Loading a model and compiling its kernels takes minutes; longer than this, it hangs."""
_LOOK_S = 0.25
_TELL_S = 5.0
Tell = Callable[[str], None]


class Process:
    """One run. `command` is complete; `environment` is added to ours. Raises EngineDied where it
    cannot be started at all."""

    def __init__(self, command: list[str], log: Path, environment: dict[str, str]) -> None:
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_suffix(".previous.log"))
        with log.open("wb") as file:
            self._keeper = subprocess.Popen(  # noqa: S603 - the user's own vLLM
                [sys.executable, "-m", "lemmata.engines.vllm.keeper", *command],
                stdin=subprocess.PIPE,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=child_environment(**environment),
            )

    @property
    def running(self) -> bool:
        return self._keeper.poll() is None

    @property
    def pid(self) -> int:
        """Of the keeper, whose end ends vLLM."""
        return self._keeper.pid

    def wait_ready(self, url: str, tell: Tell, patience_s: float = START_S) -> None:
        """Until `/health` answers. Raises EngineDied with vLLM's last words."""
        began = told = time.monotonic()
        while not self._healthy(url):
            now = time.monotonic()
            if not self.running:
                raise EngineDied(f"vLLM did not start: {self.last_words()}", f"See {self.log}.")
            if now - began > patience_s:
                self.close()
                raise EngineDied(
                    f"vLLM was not ready after {patience_s:.0f} s: {self.last_words()}",
                    f"See {self.log}.",
                )
            if now - told > _TELL_S:
                told = now
                tell(f"vLLM is starting ({now - began:.0f} s): {self.last_words()}")
            time.sleep(_LOOK_S)

    def _healthy(self, url: str) -> bool:
        try:
            return httpx.get(f"{url}/health", timeout=5, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def last_words(self) -> str:
        """The last line of the log that says something, one that names an error if there is."""
        text = self.log.read_bytes()[-16384:].decode(errors="replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        errors = [line for line in lines if "Error" in line]
        return (errors or lines or ["it said nothing"])[-1][-300:]

    def wait(self) -> int:
        """Until it ends; its exit status."""
        code = self._keeper.wait()
        self._let_go()
        return code

    def close(self) -> None:
        """End it and all that it started."""
        self._let_go()
        self._keeper.wait()

    def _let_go(self) -> None:
        """Close what the keeper listens to."""
        assert self._keeper.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._keeper.stdin.close()
