"""The child process as the parent sees it: started, watched, ended. No knowledge of requests."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable

from lemmata.engines.llama.protocol import (
    Command,
    Event,
    Failure,
    Open,
    Ping,
    Pong,
    Quit,
    Ready,
    command_frame,
    read_event,
)
from lemmata.errors import BadInput, EngineDied, ModelRefused
from lemmata.settings import share_the_cores

LONGEST_STEP_S = 120.0
"""A step is cut to a fraction of a second; one that takes this long is stuck."""
LONGEST_SILENCE_S = 30.0
PING_S = 2.0
QUIT_S = 5.0
KILLED = f"signal {signal.SIGKILL.value}"
"""From outside: by the system, which is short of memory, or by a person."""


class Process:
    """A running child. Raises ModelRefused or EngineDied where it does not get ready.

    `on_event` is called for each event, and `on_death` once with the reason, on the reader's
    thread. What is sent waits in a queue: a child that does not listen keeps neither who sends nor
    the watchdog.
    """

    def __init__(
        self,
        opening: Open,
        on_event: Callable[[Event], None],
        on_death: Callable[[Process, str], None],
    ) -> None:
        self._on_event, self._on_death = on_event, on_death
        self._unsent: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        share_the_cores()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "lemmata.engines.llama.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            process_group=0,  # a terminal's Ctrl-C is for the parent, which lets requests finish
        )
        self._verdict: str | None = None
        self._heard = time.monotonic()
        self._writer = threading.Thread(target=self._write, name="engine-commands", daemon=True)
        self._writer.start()
        self.ready = self._open(opening)
        self._reader = threading.Thread(target=self._read, name="engine-events", daemon=True)

    def start(self) -> None:
        """Begin to listen and to watch."""
        self._reader.start()
        threading.Thread(target=self._watch, name="engine-watchdog", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._child.pid

    def send(self, command: Command) -> None:
        """From any thread. A child that is gone hears nothing; its death is told for itself. Raises
        BadInput for text that is no Unicode."""
        try:
            self._unsent.put(command_frame(command))
        except ValueError as error:
            raise BadInput("the text holds half of a character (a lone surrogate)") from error

    def _write(self) -> None:
        assert self._child.stdin is not None
        try:
            while (frame := self._unsent.get()) is not None:
                self._child.stdin.write(frame)
                self._child.stdin.flush()
        except (BrokenPipeError, ValueError):  # closed at the other end, or at ours
            return  # the reader tells of its death

    def _open(self, opening: Open) -> Ready:
        assert self._child.stdout is not None
        self.send(opening)
        try:
            event = read_event(self._child.stdout)
        except ValueError:
            event = None
        if isinstance(event, Ready):
            return event
        reason = self._reason()
        self._release()
        if isinstance(event, Failure):
            raise event.exception()
        name = opening.gguf.name
        if reason.startswith(KILLED):
            raise EngineDied(
                f"the engine's process was killed while it opened {name}",
                "Memory may be short: take a smaller quantisation, or fewer LEMMATA_CELLS.",
            )
        raise ModelRefused(f"libllama broke on {name}: {reason}", "Fetch it again.")

    def _read(self) -> None:
        assert self._child.stdout is not None
        try:
            while (event := read_event(self._child.stdout)) is not None:
                self._heard = time.monotonic()
                if isinstance(event, Pong):
                    self._judge(event.step_s)
                else:
                    self._on_event(event)
        except ValueError:
            self._verdict = self._verdict or "the engine's process ended in the middle of a word"
        finally:  # a child that nobody listens to is of no use
            self._child.kill()
            reason = self._reason()
            self._release()
            self._on_death(self, reason)

    def _judge(self, step_s: float) -> None:
        if step_s > LONGEST_STEP_S:
            self._kill(f"a step was stuck for {step_s:.0f} s")

    def _watch(self) -> None:
        while self._child.poll() is None:
            time.sleep(PING_S)
            if time.monotonic() - self._heard > LONGEST_SILENCE_S:
                self._kill(f"the engine's process was silent for {LONGEST_SILENCE_S:.0f} s")
            self.send(Ping())

    def _kill(self, why: str) -> None:
        self._verdict = why
        self._child.kill()

    def _reason(self) -> str:
        """Why it ended: our own verdict, else its last words, else its exit status."""
        code = self._child.wait()
        if self._verdict:
            return self._verdict
        self._complaints.seek(0)
        lines = self._complaints.read()[-4096:].decode(errors="replace").strip().splitlines()
        ended = f"signal {-code}" if code < 0 else f"status {code}"
        return f"{ended}, {lines[-1]}" if lines else ended

    def _release(self) -> None:
        self._child.kill()
        self._child.wait()
        self._unsent.put(None)
        self._writer.join()
        for stream in (self._child.stdin, self._child.stdout, self._complaints):
            try:
                if stream is not None:
                    stream.close()
            except BrokenPipeError:
                continue  # what was still unsent is for nobody

    def close(self) -> None:
        """Ask it to end, then make it. `on_death` is called before this returns."""
        self.send(Quit())
        self._reader.join(QUIT_S)
        self._kill("closed")
        self._reader.join()
