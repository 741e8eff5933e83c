"""The walls that a process puts round itself: Landlock, and being closed to its children.

Landlock (Linux 5.13 and later, system calls 444 to 446, numbers the same on every machine) limits
what may be written to two directories even if the mount namespace were wrong, forbids TCP, and,
from ABI 6 on, forbids signals and abstract sockets to anything outside the domain. Each test gets a
domain of its own inside the runner's, so that a test can neither kill nor trace the runner."""

from __future__ import annotations

import ctypes
import os
import resource

LIBC = ctypes.CDLL(None, use_errno=True)
CREATE, ADD_RULE, RESTRICT = 444, 445, 446
BENEATH = 1

READ = (1 << 0) | (1 << 2) | (1 << 3)  # execute, read a file, list a directory
WRITE_FILE = 1 << 1
CHANGE = 0x17B2 | (1 << 13) | (1 << 14)  # write, remove, make (no devices), refer, truncate
OVERWRITE = WRITE_FILE | (1 << 14)  # what exists, and nothing new
FILES_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many of the file rights each ABI knows; later ones know as many as ABI 5."""

SET_DUMPABLE, SET_SUBREAPER = 4, 36

ALWAYS = {
    resource.RLIMIT_AS: 8 << 30,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_FSIZE: 64 << 20,
    resource.RLIMIT_MEMLOCK: 64 << 10,
    resource.RLIMIT_MSGQUEUE: 0,
    resource.RLIMIT_NOFILE: 64,
}
"""Bytes, or a count of descriptors: hard limits of every sandbox, lowered further by `load`."""


def limit(values: dict[int, int]) -> None:
    """Lower soft and hard limits of this process and all it will fork. Without CAP_SYS_RESOURCE,
    which nothing in a sandbox has, they never rise again."""
    for kind, value in values.items():
        hard = resource.getrlimit(kind)[1]
        lower = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (lower, lower))


def shut() -> None:
    """Close this process to others of its user: no look through /proc, no tracing, no core
    files."""
    _prctl(SET_DUMPABLE, 0)


def adopt() -> None:
    """Become the parent of every orphan below this process."""
    _prctl(SET_SUBREAPER, 1)


def _prctl(option: int, argument: int) -> None:
    if LIBC.prctl(option, argument, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")


def landlock_abi() -> int:
    """The kernel's Landlock version; 0 where there is none."""
    version: int = LIBC.syscall(CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    return max(0, version)


def ruleset(abi: int, writable: dict[str, int]) -> int:
    """A file descriptor of rules: read and run anything mounted, below the `writable` paths change
    what their rights say."""
    known = (1 << FILES_BY_ABI.get(abi, 16)) - 1
    attributes = (ctypes.c_uint64 * 3)(known, 3 if abi >= 4 else 0, 3 if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    rules = _call(CREATE, ctypes.byref(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0))
    for path, rights in (
        ("/", READ),
        ("/dev", READ | WRITE_FILE),
        *((path, READ | rights) for path, rights in writable.items()),
    ):
        _allow(rules, path, rights & known)
    return rules


def restrict(rules: int) -> None:
    """Put this thread, and all it starts from now on, under `rules`, for ever."""
    _call(RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0))


def _allow(rules: int, path: str, rights: int) -> None:
    beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    attributes = rights.to_bytes(8, "little") + beneath.to_bytes(4, "little")  # a packed struct
    _call(ADD_RULE, ctypes.c_int(rules), ctypes.c_int(BENEATH), attributes, ctypes.c_uint32(0))
    os.close(beneath)


def _call(number: int, *arguments: object) -> int:
    result: int = LIBC.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), f"landlock system call {number}")
    return result
