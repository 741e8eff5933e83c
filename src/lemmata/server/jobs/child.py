"""The parent of one job's command: `python -m lemmata.server.jobs.child FOLDER`.

It belongs to nobody, so that the server may come and go: it runs the command of
FOLDER/command.json, passes a stop on as Ctrl-C, and writes how it ended to FOLDER/result.json. The
lock on FOLDER/alive, with which it is born, goes when it does.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

ALIVE, COMMAND, PROCESS, RESULT, STDOUT, STDERR = (
    "alive", "command.json", "process.json", "result.json", "stdout", "stderr",
)  # fmt: skip


def main(folder: Path) -> None:
    """Leave the caller's process, so that nobody waits for this one or is told of its end."""
    watch = Watch()  # before the fork: a stop may come as soon as the process is known
    if pid := os.fork():
        write(folder / PROCESS, {"pid": pid})
        os._exit(0)
    code = watch.run(folder, json.loads((folder / COMMAND).read_text("utf-8")))
    write(folder / RESULT, {"exit_code": code, "ended": time.time()})


class Watch:
    """Runs one command; a signal to this process becomes Ctrl-C there, also a very early one."""

    def __init__(self) -> None:
        self.asked = False
        self.child: subprocess.Popen[bytes] | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._heard)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.asked = True
        if self.child is not None:
            self.child.send_signal(signal.SIGINT)

    def run(self, folder: Path, command: list[str]) -> int:
        """Gives the exit code."""
        with (folder / STDOUT).open("wb") as out, (folder / STDERR).open("wb") as err:
            self.child = subprocess.Popen(  # noqa: S603 - the server's own command
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )
        if self.asked:
            self.child.send_signal(signal.SIGINT)
        return self.child.wait()


def write(path: Path, value: dict[str, Any]) -> None:
    """At once, as readers look at any time."""
    new = path.with_name(f".{path.name}.new")
    with new.open("w", encoding="utf-8") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
