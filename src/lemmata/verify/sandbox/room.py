"""The sandbox as the rest of the program sees it: open one, run programs in it, ask its level."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from dataclasses import dataclass, field

from lemmata.errors import EnvironmentMissing
from lemmata.verify.languages import language_of
from lemmata.verify.sandbox import launch, reduced, walls
from lemmata.verify.sandbox.limits import Limits, Run
from lemmata.verify.sandbox.pool import Pool
from lemmata.verify.sandbox.submission import Submission
from lemmata.verify.sandbox.trial import Order
from lemmata.verify.sandbox.walls import Level

log = logging.getLogger("lemmata")


@dataclass(slots=True)
class Sandbox:
    """Runs programs behind the walls that `level` names. Thread-safe; close it, or use it in a
    `with`."""

    level: Level
    size: int
    """Empty sandboxes kept ready."""
    pools: dict[bool, Pool]
    """By whether compilers are in sight."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def submit(
        self, program: str, language: str = "python", limits: Limits | None = None
    ) -> Submission:
        """A submission, to be entered with `with`. Raises BadInput for an unknown language,
        EnvironmentMissing where its compiler is missing."""
        spoken = language_of(language)
        return Submission(self._pool(spoken.compiled), spoken.source(program), limits or Limits())

    def run(
        self,
        program: str,
        stdin: str | bytes = b"",
        limits: Limits | None = None,
        language: str = "python",
    ) -> Run:
        """Run `program` once on `stdin`. A program that does not compile is RE with its
        complaint."""
        with self.submit(program, language, limits) as submission:
            if submission.complaint:
                return Run("RE", reason=f"does not compile: {submission.complaint}")
            given = stdin.encode() if isinstance(stdin, str) else stdin
            return submission.run(Order("program", given))

    def close(self) -> None:
        """End every process of this sandbox. Idempotent."""
        with self.lock:
            for pool in self.pools.values():
                pool.close()
            self.pools.clear()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _pool(self, toolchain: bool) -> Pool:
        with self.lock:
            if toolchain not in self.pools:
                self.pools[toolchain] = Pool(_rung(self.level.rung, toolchain), 1)
            return self.pools[toolchain]


def open_sandbox(size: int | None = None, least: walls.Rung = "reduced") -> Sandbox:
    """The best sandbox that this machine allows, with `size` interpreters kept warm (default: one
    for each processor, at least 2).

    Raises EnvironmentMissing when even the rung `least` cannot be reached; anything below the full
    rung is logged as a warning and stands in `level` and in every judgement.
    """
    count = size or max(2, len(os.sched_getaffinity(0)))
    try:
        rung: launch.FullRung | reduced.ReducedRung = launch.probe()
    except EnvironmentMissing as missing:
        if least == "full":
            raise
        rung = reduced.probe(missing.cause)
        log.warning("programs run in a reduced sandbox: %s", rung.level().line())
    return Sandbox(rung.level(), count, {False: Pool(rung, count)})


def level() -> Level:
    """What this machine achieves, found by starting one sandbox and looking at it; never raises."""
    try:
        rung: launch.FullRung | reduced.ReducedRung = launch.probe()
    except EnvironmentMissing as full:
        try:
            rung = reduced.probe(full.cause)
        except EnvironmentMissing as lower:
            return Level("none", "", (), (("namespaces", full.cause), ("sandlock", lower.cause)))
    try:
        return rung.level()
    finally:
        rung.close()


def _rung(name: walls.Rung, toolchain: bool) -> launch.FullRung | reduced.ReducedRung:
    return launch.probe(toolchain) if name == "full" else reduced.probe("", toolchain)


_shared: dict[int, Sandbox] = {}
_sharing = threading.Lock()


def shared() -> Sandbox:
    """The sandbox of this process, opened at first use and closed at exit. Raises
    EnvironmentMissing."""
    with _sharing:
        mine = os.getpid()  # a fork inherits the table but not the threads
        if mine not in _shared:
            _shared.clear()
            _shared[mine] = open_sandbox()
            atexit.register(_shared[mine].close)
        return _shared[mine]
