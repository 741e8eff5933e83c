"""What an attack could reach on this machine: services that listen, a file, a variable; and whether
anything of a sandbox is left."""

from __future__ import annotations

import os
import platform
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path

SECRET = "abuse-canary-8c1f0e"


class Machine:
    """Bait, laid out once. `touched` says what was reached."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.canary = folder / "canary"
        self.canary.write_text(SECRET)
        self.canary.chmod(0o644)
        self.lines: dict[str, socket.socket] = {}
        unix = str(folder / "line")
        abstract = f"lemmata-abuse-{os.getpid()}"
        for name, family, kind, address in (
            ("tcp4", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            ("udp4", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            ("tcp6", socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0)),
            ("unix", socket.AF_UNIX, socket.SOCK_STREAM, unix),
            ("abstract", socket.AF_UNIX, socket.SOCK_STREAM, "\0" + abstract),
            ("abstract_datagram", socket.AF_UNIX, socket.SOCK_DGRAM, "\0" + abstract + "-d"),
        ):
            with suppress(OSError):  # no IPv6 here, perhaps
                line = stack.enter_context(socket.socket(family, kind))
                line.bind(address)
                if kind == socket.SOCK_STREAM:
                    line.listen()
                line.setblocking(False)
                self.lines[name] = line
        self.facts: dict[str, object] = {
            "canary": str(self.canary),
            "pid": os.getpid(),
            "hostname": platform.node(),
            "unix": unix,
            "abstract": abstract,
            "abstract_datagram": abstract + "-d",
        }
        for name in ("tcp4", "udp4", "tcp6"):
            line = self.lines.get(name)
            self.facts[name] = line.getsockname()[1] if line else 9

    def touched(self) -> list[str]:
        reached = [] if self.canary.read_text() == SECRET else ["canary"]
        for name, line in self.lines.items():
            try:
                line.accept() if line.type == socket.SOCK_STREAM else line.recv(1)
            except BlockingIOError:
                continue
            reached.append(name)
        return reached


def left_of(namespaces: set[str], seconds: float = 5.0) -> list[int]:
    """Processes that still live in one of the process namespaces, after at most `seconds`."""
    deadline = time.monotonic() + seconds
    while (left := _living(namespaces)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return left


def _living(namespaces: set[str]) -> list[int]:
    living = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            if os.readlink(f"/proc/{pid}/ns/pid") in namespaces:
                living.append(int(pid))
    return living
