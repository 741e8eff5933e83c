"""Assertions about a function whose code runs elsewhere.

The test code runs in one sandbox, the submission in another. Each call goes out over a line,
through here, into the submission's sandbox, and a primitive value comes back: an object with an
`__eq__` of its own, a patched builtin or an early exit never meets the assertions."""

from __future__ import annotations

import socket
from dataclasses import replace

from lemmata.verify.judgement import Outcome, result_of, returned
from lemmata.verify.sandbox.inside import primitives
from lemmata.verify.sandbox.limits import Run
from lemmata.verify.sandbox.submission import Submission
from lemmata.verify.sandbox.trial import Order

LONGEST = 16 << 20
"""Bytes of one call's arguments."""
LEAST_S = 0.01
PATIENCE_S = 5.0
"""Seconds for the rest of a call whose beginning has come."""
OWN_FAULTS = frozenset(
    {"NameError", "SyntaxError", "ImportError", "ModuleNotFoundError", "IndentationError"}
)
"""Exceptions of test code that cannot come from the value it tests."""


class Hearing:
    """One run of test code against `submission`; `line` is our end of the line to the test code."""

    def __init__(self, submission: Submission, line: socket.socket) -> None:
        self.submission, self.line = submission, line
        line.settimeout(PATIENCE_S)
        self.spent = Run("OK")
        """All calls so far, times added up."""
        self.lost: Outcome | None = None
        self.calls = 0

    def answer(self) -> bool:
        """Serve one call; False when the test is over."""
        try:
            call = self._hear()
        except OSError:
            call = b""
        if not call:
            return False
        run = self._run(call)
        value, self.lost = returned(run)
        if self.lost:
            self.line.close()  # the test code ends at once
            return False
        try:
            self.line.sendall(len(value).to_bytes(4, "big") + value)
        except OSError:
            return False
        return True

    def verdict(self, ruling: Run) -> Outcome:
        """The test's result, given how its code ended."""
        if self.lost:
            return replace(self.lost, cpu_s=self.spent.cpu_s, wall_s=self.spent.wall_s)
        if ruling.status != "OK":
            return result_of("IE", f"the test code failed: {ruling.reason}", self.spent)
        complaint = self._complaint(ruling)
        if not complaint:
            return result_of("AC", "", self.spent)
        name, message = complaint
        reason = f"{name}: {message}" if message else name
        if name in OWN_FAULTS or not self.calls:
            return result_of("IE", f"the test code failed: {reason}", self.spent)
        return result_of("WA", reason, self.spent)

    def _run(self, call: bytes) -> Run:
        limits = self.submission.limits
        left = replace(
            limits,
            time_s=max(LEAST_S, limits.time_s - self.spent.cpu_s),
            wall_s=max(LEAST_S, limits.wall - self.spent.wall_s),
        )
        run = self.submission.run(Order("call", call), left)
        self.calls += 1
        self.spent = replace(
            run,
            cpu_s=self.spent.cpu_s + run.cpu_s,
            wall_s=self.spent.wall_s + run.wall_s,
            peak_mib=max(self.spent.peak_mib, run.peak_mib),
        )
        return run

    def _hear(self) -> bytes:
        size = int.from_bytes(self._exactly(4), "big")
        return self._exactly(size) if size <= LONGEST else b""

    def _exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            piece = self.line.recv(min(size - len(data), 1 << 20))
            if not piece:
                return b""
            data += piece
        return bytes(data)

    def _complaint(self, ruling: Run) -> tuple[str, str] | None:
        """The exception that ended the test code, as (name, message)."""
        try:
            ended = primitives.loads((ruling.result or b"")[1:])
        except ValueError:
            return ("ValueError", "its outcome is unreadable")
        return None if ended is None else (str(ended[0]), str(ended[1]))
