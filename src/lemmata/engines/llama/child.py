"""The engine's process: one thread owns libllama, another listens to the parent.

`python -m lemmata.engines.llama.child`; commands on stdin, events on what was stdout. It ends when
the parent does. What only reads (tokens of a text, a ping) is answered at once by the listener.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
import unicodedata
from typing import BinaryIO, assert_never

from lemmata.engines.llama import smoke
from lemmata.engines.llama.library import Context, Model, start
from lemmata.engines.llama.protocol import (
    Cancel,
    Command,
    Event,
    Failure,
    Load,
    Open,
    Piece,
    Pieces,
    Ping,
    Pong,
    Quit,
    Ready,
    Reply,
    Score,
    Submit,
    Tokenize,
    Unload,
    read_command,
    write_event,
)
from lemmata.engines.llama.residents import Residents
from lemmata.engines.llama.scheduler import Scheduler
from lemmata.errors import LemmataError

ORPHAN_S = 10.0
"""How long a decode call may go on after the parent is gone."""


class Child:
    def __init__(self, command: Open, events: BinaryIO) -> None:
        options = command.options
        self._events, self._lock = events, threading.Lock()
        self._composed = command.composed
        self._model = Model(command.gguf, options)
        self._context = Context(self._model, options)
        if options.smoke:
            smoke.check(self._context, self._model.vocabulary)
        self._residents = Residents(self._model, options.resident)
        self._scheduler = Scheduler(self._model, self._context, self._residents, options)
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()

    def send(self, event: Event) -> None:
        with self._lock:
            write_event(self._events, event)

    def listen(self, commands: BinaryIO) -> None:
        """Until the parent closes the stream."""
        while (command := read_command(commands)) is not None:
            if isinstance(command, Tokenize):
                self.send(Reply(command.id, self._tokens(command.text)))
            elif isinstance(command, Ping):
                since = self._scheduler.decoding_since
                self.send(Pong(0.0 if since is None else time.monotonic() - since))
            else:
                self._commands.put(command)
        self._commands.put(Quit())
        time.sleep(ORPHAN_S)
        os._exit(0)

    def _tokens(self, text: str) -> list[int]:
        normal = unicodedata.normalize("NFC", text) if self._composed else text
        return self._model.vocabulary.tokenize(normal)

    def run(self) -> None:
        self.send(Ready(self._scheduler.context_tokens))
        while True:
            ended: list[Piece | Reply] = []
            while self._scheduler.idle or not self._commands.empty():
                command = self._commands.get()
                if isinstance(command, Quit):
                    return
                ended += self._obey(command)
                if ended:
                    break
            self._report(ended + self._scheduler.step())

    def _obey(self, command: Command) -> list[Piece | Reply]:
        try:
            match command:
                case Submit() | Score():
                    self._scheduler.submit(command)
                case Cancel():
                    return self._scheduler.cancel(command.id)
                case Load():
                    self._residents.load(command.sha256, command.path)
                    return [Reply(command.id)]
                case Unload():
                    self._residents.unload(command.sha256)
                case Open() | Tokenize() | Ping() | Quit():
                    raise AssertionError(f"{command.kind} is no command for the scheduler")
                case _:
                    assert_never(command)
        except LemmataError as error:
            assert isinstance(command, (Submit, Score, Load))
            self.send(failure(command.id, error))
        return []

    def _report(self, brought: list[Piece | Reply]) -> None:
        pieces = []
        for item in brought:
            if isinstance(item, Reply):
                self.send(item)
            else:
                pieces.append(item)
        if pieces or self._scheduler.idle:
            state = self._scheduler
            self.send(Pieces(tuple(pieces), state.active, state.queued, state.kv_used))

    def close(self) -> None:
        self._scheduler.close()
        self._context.close()
        self._model.close()


def failure(number: int, error: LemmataError) -> Failure:
    return Failure(number, type(error).__name__, error.cause, error.mend)


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    os.putenv("GGML_NO_BACKTRACE", "1")  # an abort would else wait for a debugger
    events = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what native code prints must not come between frames
    command = read_command(sys.stdin.buffer)
    if not isinstance(command, Open):
        return 2
    start()
    try:
        child = Child(command, events)
    except LemmataError as error:
        write_event(events, failure(-1, error))
        return error.exit_code
    threading.Thread(target=child.listen, args=(sys.stdin.buffer,), daemon=True).start()
    child.run()
    child.close()
    return 0


if __name__ == "__main__":
    # Skips the interpreter's own clean-up: the listener may still be blocked in its read.
    code = main()
    sys.stderr.flush()
    os._exit(code)
