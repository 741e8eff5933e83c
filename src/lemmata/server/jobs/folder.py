"""A job's folder: what it was told to do, what it says, how it ended.

alive          locked for as long as it runs, wherever that is
command.json   the command's words
process.json   the process that watches over it
result.json    its exit code, once it has ended
stdout stderr  what it printed
"""

from __future__ import annotations

import fcntl
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil

from lemmata.errors import BadInput
from lemmata.server.jobs.child import ALIVE, COMMAND, PROCESS, RESULT, STDERR, STDOUT

State = Literal["running", "done", "no", "stopped", "failed", "lost"]
"""`no`: the command's answer is no (exit code 1); `lost`: its process went without a word."""
FINAL: tuple[State, ...] = ("done", "no", "stopped", "failed", "lost")
_STATES: dict[int, State] = {0: "done", 1: "no", 130: "stopped", -2: "stopped"}
LARGEST_OUTPUT = 4 * 2**20
_TAIL = 16 * 1024
_TRIES, _PAUSE_S = 50, 0.02
"""For the lock: whoever looks whether it is held holds it for a moment."""
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path

    @contextmanager
    def beginning(self) -> Iterator[int]:
        """It counts as running from here on. Gives the lock to `begin` with. Raises BadInput where
        it runs already."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / ALIVE).open("wb") as file:
            _lock(file.fileno())
            for name in (PROCESS, RESULT, STDOUT, STDERR):
                (self.path / name).unlink(missing_ok=True)
            yield file.fileno()

    def begin(self, lock: int, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start it, or start it again, in a session of its own, which inherits the lock."""
        (self.path / COMMAND).write_text(json.dumps(list(command)), encoding="utf-8")
        words = [sys.executable, "-m", "lemmata.server.jobs.child", str(self.path)]
        subprocess.run(  # noqa: S603 - our own words; it leaves the watching process behind
            words,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=[lock],
            check=True,
        )

    def command(self) -> list[str]:
        """The words it was last started with."""
        words: list[str] = json.loads((self.path / COMMAND).read_text("utf-8"))
        return words

    def state(self) -> tuple[State, float | None]:
        """What it is at, and since when it is not running any more (seconds since 1970)."""
        if ended := _read(self.path / RESULT):
            return _STATES.get(ended["exit_code"], "failed"), ended["ended"]
        if self._process() is not None or self._held():
            return "running", None
        if ended := _read(self.path / RESULT):  # it ended between the two looks
            return _STATES.get(ended["exit_code"], "failed"), ended["ended"]
        return "lost", None

    def stop(self) -> bool:
        """Ask it to save and end, as Ctrl-C would; whether its process is on this machine."""
        if (process := self._process()) is None:
            return False
        process.terminate()
        return True

    def end(self) -> None:
        """End it and all its children now."""
        process = self._process()
        if process is None:
            return
        for each in (*process.children(recursive=True), process):
            try:
                each.kill()
            except psutil.NoSuchProcess:
                continue

    def output(self) -> Any:
        """What it printed: the JSON document, or the text; None where there is nothing yet."""
        path = self.path / STDOUT
        if not path.exists() or not 0 < path.stat().st_size <= LARGEST_OUTPUT:
            return None
        text = path.read_text("utf-8", errors="replace")
        try:
            return json.loads(text)
        except ValueError:
            return text

    def log(self) -> list[str]:
        """The last lines it told people."""
        path = self.path / STDERR
        if not path.exists():
            return []
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL))
            text = file.read().decode(errors="replace").replace("\r", "\n")
        lines = (_CONTROL.sub("", line).strip() for line in text.splitlines())
        return [line for line in lines if line][-20:]

    def _held(self) -> bool:
        """Whether it runs, or begins to, here or on another machine that has this folder."""
        try:
            with (self.path / ALIVE).open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        return False

    def _process(self) -> psutil.Process | None:
        """The watching process: the very one, not another that was given its number since."""
        told = _read(self.path / PROCESS)
        if not told:
            return None
        try:
            process = psutil.Process(told["pid"])
            ours = str(self.path) in process.cmdline()
            return process if ours and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.Error:
            return None


def _lock(file: int) -> None:
    for _ in range(_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE_S)
        else:
            return
    raise BadInput("this job is running", "Wait for its end, or stop it.")


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return found
