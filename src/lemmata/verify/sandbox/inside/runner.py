"""The runner: a warm interpreter that waits in an empty sandbox and forks once a test.

It holds one end of a packet socket; the parent outside holds the other, with the clock, the limits
and the expected outputs. Orders are one JSON packet each, with file descriptors beside it:

    load  [source]                   → loaded {error}          compile the submission, once
    run   [payload, out, err, rpc?]  → done {exit, signal, cpu, rss, dirty, result} + result packets
    kill                                                       end the running test now

A test's input comes with its own order, so nothing here knows of the tests to come. `done` is sent
only after every other process in the sandbox is dead.
"""

from __future__ import annotations

import builtins
import gc
import json
import os
import select
import signal
import socket
import stat
import sys
from contextlib import suppress
from importlib import import_module
from resource import RLIMIT_AS, RLIMIT_NPROC
from typing import Any

from . import child, fence
from .program import Places, Program, compile_and_exit

PACKET = 65536
LEFTOVERS = 64
PRELOAD = (
    "bisect", "cmath", "collections", "copy", "functools", "heapq", "itertools", "math",
    "operator", "random", "re", "string", "typing",
)  # fmt: skip
"""What programs import most; each is there before the test's clock starts."""


class Runner:
    def __init__(self, control: socket.socket, places: Places) -> None:
        self.control = control
        self.places = places
        self.program: Program | None = None
        self.rules: int | None = None
        self.spare: tuple[int, socket.socket] | None = None
        """The next test's process, forked ahead; it waits at the far end for its order."""
        # Alone behind bubblewrap's init: only then does kill(-1) mean "all in this sandbox".
        self.alone = os.getpid() == 2 and os.getppid() == 1

    def ready(self) -> None:
        abi = fence.landlock_abi()
        fence.adopt()
        if self.alone:  # sandlock's supervisor must be able to look inside
            fence.shut()
        fence.limit(fence.ALWAYS)
        self.sweep()
        if abi:
            places = self.places
            mine = (places.scratch, places.channel, places.box)
            fence.restrict(fence.ruleset(abi, dict.fromkeys(mine, fence.CHANGE)))
            theirs = {places.channel: fence.OVERWRITE, places.scratch: fence.CHANGE}
            if not places.roomy:
                del theirs[places.scratch]
            self.rules = fence.ruleset(abi, theirs)
        for name in PRELOAD:
            import_module(name)
        vars(builtins).update(exit=sys.exit, quit=sys.exit)  # scripts know them from `site`
        gc.collect()
        gc.freeze()  # what is here is for ever: no test's collector need touch (and so copy) it
        gc.disable()
        self.say({"op": "ready", "landlock": abi, "alone": self.alone})

    def serve(self) -> None:
        while True:
            packet, files = self.listen()
            order = json.loads(packet)
            if order["op"] == "load":
                self.load(order, files)
            elif order["op"] == "run":
                self.run(order, packet, files)

    def load(self, order: dict[str, Any], files: list[int]) -> None:
        source = child.read_all(files[0])
        os.close(files[0])
        with open(self.places.source(order["suffix"]), "wb") as file:
            file.write(source)
        self.program = Program(order["suffix"], order["compiler"])
        here = self.program.compile
        error = self.build() if self.program.compiler else here(source, self.places)
        fence.limit({RLIMIT_AS: order["space"], RLIMIT_NPROC: order["tasks"]})
        self.say({"op": "loaded", "error": error[:4000]})
        if not error:
            self.prepare()

    def build(self) -> str:
        """Run the compiler in a child; its complaint, or nothing."""
        assert self.program is not None
        pid = os.fork()
        if pid == 0:
            compile_and_exit(self.program, self.places)
        status, _, _ = self.attend(pid)
        with open(self.places.log, "rb") as file:
            log = file.read(4000).decode(errors="replace")
        self.sweep()
        return "" if status == 0 else log or f"the compiler ended with status {status}"

    def prepare(self) -> None:
        """Fork the process of the next test while nobody waits for it."""
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid:
            far.close()
            self.spare = (pid, near)
            return
        near.close()
        self.control.close()
        child.settle(self.places)
        packet, files, _, _ = socket.recv_fds(far, PACKET, 8)
        far.close()
        assert self.program is not None
        child.run_and_exit(self.program, self.places, json.loads(packet), list(files), self.rules)

    def run(self, order: dict[str, Any], packet: bytes, files: list[int]) -> None:
        assert self.spare is not None
        pid, line = self.spare
        socket.send_fds(line, [packet], files)
        for fd in (line.detach(), *files):
            os.close(fd)
        status, cpu, rss = self.attend(pid)
        code = os.waitstatus_to_exitcode(status)
        result = self.collect(order["result_limit"])
        self.say({
            "op": "done", "exit": max(code, 0), "signal": max(-code, 0), "cpu": cpu, "rss": rss,
            "dirty": self.sweep(), "result": result if isinstance(result, int) else len(result),
        })  # fmt: skip
        if isinstance(result, bytes):
            for start in range(0, len(result), PACKET):
                self.control.sendall(result[start : start + PACKET])
        self.prepare()

    def attend(self, pid: int) -> tuple[int, float, int]:
        """Wait for `pid`, then end and reap all else. Status, CPU seconds, peak KiB of any one."""
        ended = os.pidfd_open(pid)
        poller = select.poll()
        poller.register(ended, select.POLLIN)
        poller.register(self.control, select.POLLIN)
        while all(fd != ended for fd, _ in poller.poll()):
            self.listen()  # the only order now is `kill`
            self.kill_all(pid)
        os.close(ended)
        self.kill_all(pid)
        status, cpu, rss = 0, 0.0, 0
        while True:
            try:
                reaped, ending, usage = os.wait4(-1 if self.alone else pid, 0)
            except ChildProcessError:
                return status, cpu, rss
            status = ending if reaped == pid else status
            cpu += usage.ru_utime + usage.ru_stime
            rss = max(rss, usage.ru_maxrss)

    def kill_all(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(-1 if self.alone else pid, signal.SIGKILL)

    def collect(self, limit: int) -> bytes | int:
        """What the test left as its result; -1 if it left none, -2 if that is too large."""
        try:
            fd = os.open(self.places.result, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return -1
        try:
            about = os.fstat(fd)
            if not stat.S_ISREG(about.st_mode):
                return -1
            return -2 if about.st_size > limit else child.read_all(fd) or -1
        finally:
            os.close(fd)

    def sweep(self) -> bool:
        """Empty the places a test may write. True if something would not go: then the parent takes
        another sandbox for the next test."""
        dirty = False
        for place in (self.places.scratch, self.places.channel):
            with os.scandir(place) as entries:
                for count, entry in enumerate(entries):
                    if count > LEFTOVERS or not _removed(entry.path):
                        dirty = True
                        break
        for path in (self.places.stdin, self.places.result):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644))
        return dirty

    def listen(self) -> tuple[bytes, list[int]]:
        packet, files, _, _ = socket.recv_fds(self.control, PACKET, 8)
        if not packet:
            os._exit(0)  # the parent is gone
        return packet, list(files)

    def say(self, message: dict[str, Any]) -> None:
        self.control.sendall(json.dumps(message).encode())


def _removed(path: str) -> bool:
    try:
        os.unlink(path)
    except IsADirectoryError:
        try:
            os.rmdir(path)
        except OSError:
            return False
    except OSError:
        return False
    return True


def main() -> None:
    control = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)
    runner = Runner(control, Places(*sys.argv[1:]))
    sys.path.remove(os.environ.pop("PYTHONPATH"))  # no submission needs this package
    try:
        runner.ready()
    except OSError as error:
        runner.say({"op": "failed", "error": str(error)})
        raise
    runner.serve()
