"""What a submission may use, and what came of one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lemmata.errors import BadInput

Status = Literal["OK", "RE", "TLE", "MLE", "OLE", "IE"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one test; each is enforced from outside the sandbox. Raises BadInput when
    absurd."""

    time_s: float = 2.0
    """CPU seconds, all processes of the test together."""
    wall_s: float | None = None
    """Seconds on the parent's clock; None: three times the CPU time and one second."""
    memory_mib: int = 256
    """Memory of all processes of the test together."""
    output_kib: int = 8192
    """Bytes on stdout, and of the result of a call."""
    processes: int = 32
    """Processes and threads at once."""
    compile_s: float = 30.0
    """Wall seconds for a compiler."""

    def __post_init__(self) -> None:
        for name, low, high in (
            ("time_s", 0.01, 3600), ("wall_s", 0.01, 7200), ("memory_mib", 16, 1 << 20),
            ("output_kib", 1, 1 << 18), ("processes", 1, 1024), ("compile_s", 0.1, 3600),
        ):  # fmt: skip
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise BadInput(
                    f"{name}={value} is out of range", f"Give {low:g} to {high:g} in {name}."
                )

    @property
    def wall(self) -> float:
        return self.wall_s if self.wall_s is not None else 3 * self.time_s + 1


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a program. `OK` means that it ended by itself with status 0 (and, if it was a
    call, left a result); the reason says in one line why it is not."""

    status: Status
    stdout: bytes = b""
    stderr: bytes = b""
    cpu_s: float = 0.0
    wall_s: float = 0.0
    peak_mib: float = 0.0
    reason: str = ""
    exit_code: int = 0
    """As the program set it; 0 too where a signal ended it."""
    result: bytes | None = None
    """Text of the returned value (inside/primitives.py) where the run was a call."""
