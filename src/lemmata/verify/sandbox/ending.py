"""How a test ended, in the runner's words, and what to call that."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Any

from lemmata.verify.sandbox.box import number
from lemmata.verify.sandbox.limits import Limits, Status

TOO_LARGE = -2
OUT_OF_MEMORY = (b"MemoryError", b"std::bad_alloc", b"Cannot allocate memory")


@dataclass(frozen=True, slots=True)
class Done:
    """The runner's account of a test, every number checked for being one."""

    exit: int
    signal: int
    cpu: float
    rss: int
    """KiB, the largest of all processes."""
    result: int
    """Bytes to follow; -1 none, -2 too many."""
    dirty: bool

    @classmethod
    def read(cls, message: dict[str, Any]) -> Done:
        whole = {name: int(number(message, name)) for name in ("exit", "signal", "rss", "result")}
        return cls(cpu=number(message, "cpu"), dirty=bool(message.get("dirty")), **whole)

    def means(
        self, limits: Limits, peak: int, stderr: bytearray, silent: bool
    ) -> tuple[Status, str]:
        """The status of a test that nobody ended, and why; `silent`: it owed a value and gave
        none."""
        if self.cpu > limits.time_s or self.signal == signal.SIGXCPU:
            return "TLE", f"used {self.cpu:.2f} s of CPU time"
        if peak > limits.memory_mib << 20 or self._starved(stderr):
            return "MLE", f"used more than {limits.memory_mib} MiB"
        if self.signal == signal.SIGXFSZ or self.result == TOO_LARGE:
            return "OLE", "wrote a file or a result larger than allowed"
        if self.signal:
            return "RE", f"killed by {_signal_name(self.signal)}"
        if self.exit:
            return "RE", _last_line(stderr) or f"exit status {self.exit}"
        return ("RE", "ended without returning a value") if silent else ("OK", "")

    def _starved(self, stderr: bytearray) -> bool:
        failed = self.signal or self.exit
        return bool(failed) and any(mark in stderr[-2000:] for mark in OUT_OF_MEMORY)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_line(stderr: bytearray) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else ""
