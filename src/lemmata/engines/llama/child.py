"""The engine's process: each context has a thread of its own, another listens to the parent.

`python -m lemmata.engines.llama.child`; commands on stdin, events on what was stdout. It ends when
the parent does. What only reads (tokens of a text, a ping) is answered at once by the listener.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
import unicodedata
from typing import BinaryIO, assert_never

from lemmata.engines.llama import smoke
from lemmata.engines.llama.dispatch import Dispatch
from lemmata.engines.llama.library import Context, Model, start
from lemmata.engines.llama.options import Options
from lemmata.engines.llama.protocol import (
    Brought,
    Cancel,
    Command,
    Event,
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
    failure,
    read_command,
    write_event,
)
from lemmata.engines.llama.residents import Residents
from lemmata.engines.llama.scheduler import Scheduler
from lemmata.engines.llama.shared import Shared
from lemmata.engines.llama.worker import Worker
from lemmata.errors import EngineDied, LemmataError

ORPHAN_S = 10.0
"""How long a decode call may go on after the parent is gone."""


class Child:
    """`contexts`: first the one that holds `options.cells`, then those beside it."""

    def __init__(self, command: Open, events: BinaryIO) -> None:
        self._options = options = command.options
        self._events, self._lock = events, threading.Lock()
        self._composed = command.composed
        self._model = Model(command.gguf, options)
        self._contexts = [Context(self._model, options)]
        if options.smoke:
            smoke.check(self._contexts[0], self._model.vocabulary)
        self._residents = Residents(self._model, options.resident)
        self._shared = Shared(options)
        self._schedulers = [self._scheduler(self._contexts[0], options)]
        first = Worker(self._residents, self._report)
        beside = range(1, contexts_of(options, self._model.on_gpu))
        self._workers = [first, *(Worker(self._residents, self._report, first) for _ in beside)]
        longest = [options.cells, *(options.beside().cells // 2 for _ in beside)]
        self._dispatch = Dispatch(longest, self._shared.prefixes)

    def _scheduler(self, context: Context, options: Options, elsewhere: int = 0) -> Scheduler:
        return Scheduler(self._model, context, self._residents, options, self._shared, elsewhere)

    def send(self, event: Event) -> None:
        with self._lock:
            write_event(self._events, event)

    def _send(self, pieces: list[Piece]) -> None:
        """With how full the engine is, as it is when they are sent."""
        with self._lock:
            states = self._schedulers
            if not pieces and any(state.active for state in states):
                return
            active, queued = sum(s.active for s in states), sum(s.queued for s in states)
            used = sum(state.kv_used for state in states)
            write_event(self._events, Pieces(tuple(pieces), active, queued, used))

    def listen(self, commands: BinaryIO) -> None:
        """Until the parent closes the stream."""
        while (command := read_command(commands)) is not None:
            self._obey(command)
        self._obey(Quit())
        time.sleep(ORPHAN_S)
        os._exit(0)

    def _obey(self, command: Command) -> None:
        match command:
            case Submit() | Score() | Load():
                self._try(command)
            case Cancel():
                if (place := self._dispatch.where(command.id)) is not None:
                    self._workers[place].put(command)
            case Unload():
                self._residents.unload(command.sha256)
                self._tell_all(command)
            case Tokenize():
                self.send(Reply(command.id, self._tokens(command.text)))
            case Ping():
                self.send(Pong(self._longest_step()))
            case Quit():
                self._tell_all(command)
            case Open():
                raise AssertionError("the model is open")
            case _:
                assert_never(command)

    def _try(self, command: Submit | Score | Load) -> None:
        try:
            if isinstance(command, Load):
                self._residents.load(command.sha256, command.path)
                self.send(Reply(command.id))
            else:
                self._workers[self._dispatch.place(command)].put(command)
        except LemmataError as error:
            self._report([failure(command.id, error)])

    def _tell_all(self, command: Unload | Quit) -> None:
        for worker in self._workers:
            worker.put(command)

    def _longest_step(self) -> float:
        began = [worker.since for worker in self._workers]
        now = time.monotonic()
        return max((now - since for since in began if since is not None), default=0.0)

    def _tokens(self, text: str) -> list[int]:
        normal = unicodedata.normalize("NFC", text) if self._composed else text
        return self._model.vocabulary.tokenize(normal)

    def run(self) -> None:
        """Until the parent says so."""
        context, vocabulary = self._schedulers[0].context_tokens, self._model.vocabulary.size
        self.send(Ready(context, vocabulary))
        threads = [
            threading.Thread(target=self._beside, args=(worker,), daemon=True)
            for worker in self._workers[1:]
        ]
        for thread in threads:
            thread.start()
        self._workers[0].run(self._schedulers[0])
        for thread in threads:
            thread.join()

    def _beside(self, worker: Worker) -> None:
        """A context of its own, from the first request for it on."""
        if not worker.wanted():
            return
        options = self._options.beside()
        try:
            with self._residents.roll.looking():
                context = Context(self._model, options)
        except EngineDied:  # there is no memory for it
            worker.pass_on()
            return
        scheduler = self._scheduler(context, options, self._options.cells)
        self._contexts.append(context)
        self._schedulers.append(scheduler)
        worker.run(scheduler)

    def _report(self, brought: Brought) -> None:
        pieces = []
        for item in brought:
            if isinstance(item, Piece):
                pieces.append(item)
            else:
                self.send(item)
            if not isinstance(item, Piece) or item.finish_reason is not None:
                self._dispatch.ended(item.id)
        self._send(pieces)

    def close(self) -> None:
        for scheduler in self._schedulers:
            scheduler.close()
        self._residents.close()
        for context in self._contexts:
            context.close()
        self._model.close()


def contexts_of(options: Options, on_gpu: bool) -> int:
    """How many decode side by side: a GPU has one, a CPU no more than threads."""
    return 1 if on_gpu else min(options.contexts, options.threads)


def _fatal(raised: threading.ExceptHookArgs) -> None:
    """A fault on any thread ends the process, as one on the first does; the parent starts it
    again."""
    if raised.exc_value is not None:
        traceback.print_exception(raised.exc_value)
    sys.stderr.flush()
    os._exit(1)


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
    threading.excepthook = _fatal
    threading.Thread(target=child.listen, args=(sys.stdin.buffer,), daemon=True).start()
    child.run()
    child.close()
    return 0


if __name__ == "__main__":
    # Skips the interpreter's own clean-up: the listener may still be blocked in its read.
    code = main()
    sys.stderr.flush()
    os._exit(code)
