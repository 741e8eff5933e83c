"""`python -m lemmata.verify.sandbox.reduced_launcher SPEC LEASH`: hold one sandlock sandbox.

Runs outside the sandbox. fd 0 is the runner's control socket, LEASH a pipe whose end means: stop.
As subreaper it becomes the parent of every daemon that the program leaves, and ends them all."""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import sys
import threading
from pathlib import Path

from sandlock import Sandbox

SET_SUBREAPER = 36


def main() -> None:
    spec, leash = json.loads(sys.argv[1]), int(sys.argv[2])
    ctypes.CDLL(None).prctl(SET_SUBREAPER, 1, 0, 0, 0)
    os.set_inheritable(leash, False)
    sandbox = Sandbox(**spec["policy"])
    threading.Thread(target=sandbox.run_interactive, args=[spec["command"]], daemon=True).start()
    select.select([leash], [], [])
    end_family()
    os._exit(0)


def end_family() -> None:
    """Kill all descendants; a child of a killed one comes to us, so repeat until none is left."""
    while children := _children(os.getpid()):
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


if __name__ == "__main__":
    main()
