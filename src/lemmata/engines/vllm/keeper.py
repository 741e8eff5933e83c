"""Runs a command in a session of its own and ends all of it when the parent is gone.

`python -m lemmata.engines.vllm.keeper COMMAND…`. vLLM starts workers, which start more; a parent
that is killed can end none of them. The keeper reads its standard input, which closes with the
parent, and then ends the whole group.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading

PATIENCE_S = 10.0
"""Between asking the command to end and making it."""


def keep(command: list[str]) -> int:
    """Run it; its exit status, or 128 and the signal that ended it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
    signal.signal(signal.SIGTERM, lambda *_: os.close(0))
    threading.Thread(target=_until_orphaned, args=(child,), daemon=True).start()
    code = child.wait()
    _signal(child, signal.SIGKILL)  # workers that outlived it
    return code if code >= 0 else 128 - code


def _until_orphaned(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 64):
            pass
    _signal(child, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(PATIENCE_S)
    _signal(child, signal.SIGKILL)


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


if __name__ == "__main__":
    sys.exit(keep(sys.argv[1:]))
