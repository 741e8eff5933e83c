"""Databases for the state tests: SQLite, and a real PostgreSQL that the tests start themselves."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path


def programs() -> Path | None:
    """Where Debian keeps initdb and postgres; None where the package `postgresql` is absent."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    path = shutil.which("initdb")
    return Path(path).parent if path else None


def _user() -> str | None:
    """PostgreSQL refuses to run as root; None: as whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """A server of its own on loopback; gives the URL of its first database, without a name."""
    bin_dir, user = programs(), _user()
    assert bin_dir is not None
    with tempfile.TemporaryDirectory(prefix="lemmata-pg-") as name:
        folder = Path(name)
        if user:
            shutil.chown(folder, user)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        words = [bin_dir / "initdb", "-D", folder / "data", "-U", "lemmata", "--auth=trust",
                 "-E", "UTF8", "--locale=C", "--no-sync"]  # fmt: skip
        subprocess.run(words, user=user, cwd=folder, check=True, capture_output=True)
        options = ["-k", folder, "-p", str(port), "-c", "listen_addresses=127.0.0.1",
                   "-c", "fsync=off", "-c", "max_connections=40"]  # fmt: skip
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [bin_dir / "postgres", "-D", folder / "data", *options],
                user=user, cwd=folder, stdout=log, stderr=log,
            )  # fmt: skip
            try:
                _wait(bin_dir, port, server, folder / "log")
                yield f"postgresql+psycopg://lemmata@127.0.0.1:{port}/"
            finally:
                server.send_signal(signal.SIGINT)  # also where somebody is still connected
                server.wait(60)


def _wait(bin_dir: Path, port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    ready = [bin_dir / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-q"]
    while subprocess.run(ready, check=False).returncode:
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text(errors="replace"))
        time.sleep(0.1)
