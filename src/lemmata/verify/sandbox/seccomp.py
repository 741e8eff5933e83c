"""The system call filter: a list of what is allowed, everything else answers ENOSYS.

Assembled here into classic BPF (linux/filter.h, linux/seccomp.h) and handed to bubblewrap, so that
no shared library has to be present where the sandbox runs. A call from another architecture (32-bit
entry points on x86-64) kills the process. ENOSYS is the default because libc then falls back: glibc
retries clone3, whose flags no filter can read, as clone, whose flags this one does.
"""

from __future__ import annotations

import errno
import platform
import struct
from dataclasses import dataclass

from lemmata.errors import EnvironmentMissing
from lemmata.verify.sandbox.syscalls import AARCH64, X86_64

LOAD, JUMP_EQUAL, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
NUMBER_AT, ARCH_AT, ARGS_AT = 0, 4, 16
MACHINES = {"x86_64": (0xC000003E, X86_64), "aarch64": (0xC00000B7, AARCH64)}

NEW_NAMESPACES = 0x7E020000
"""CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}; CLONE_NEWTIME exists in clone3 and unshare only."""
TRACED = 0x00002000
AF_UNIX = 1


@dataclass(frozen=True, slots=True)
class OneOf:
    """Allowed when the low word of argument `arg` is one of `values`."""

    arg: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """Allowed when the low word of argument `arg` has none of the bits of `mask`."""

    arg: int
    mask: int


# The kernel reads only the low word of each of these arguments (an int, or clone's flags).
CONDITIONS: dict[str, OneOf | NoneOf] = {
    "clone": NoneOf(0, NEW_NAMESPACES | TRACED),
    "socketpair": OneOf(0, (AF_UNIX,)),  # asyncio wakes its loop through one
    # isatty, window size, bytes waiting, non-blocking and close-on-exec; no terminal injection
    "ioctl": OneOf(1, (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)),
    # death signal, dumpable, thread names, seccomp (get), timer slack, subreaper, no-new-privs,
    # names of memory areas
    "prctl": OneOf(0, (1, 3, 4, 15, 16, 21, 29, 30, 36, 38, 39, 0x53564D41)),
    "prlimit64": OneOf(0, (0,)),  # only oneself
}


def assemble(machine: str | None = None) -> bytes:
    """The filter for `machine` (default: this one) as an array of `struct sock_filter`.

    Raises EnvironmentMissing for a machine whose system call numbers we do not carry.
    """
    machine = machine or platform.machine()
    if machine not in MACHINES:
        raise EnvironmentMissing(
            f"no system call filter for {machine} processors", "Use x86_64 or aarch64."
        )
    arch, numbers = MACHINES[machine]
    program = [
        _op(LOAD, ARCH_AT),
        _op(JUMP_EQUAL, arch, yes=1),
        _op(RETURN, KILL),
        _op(LOAD, NUMBER_AT),
    ]
    for name, number in numbers.items():
        if name not in CONDITIONS:
            program += [_op(JUMP_EQUAL, number, no=1), _op(RETURN, ALLOW)]
    for name, condition in CONDITIONS.items():
        body = _condition(condition)
        program += [_op(JUMP_EQUAL, numbers[name], no=len(body)), *body]
    program.append(_op(RETURN, ERRNO | errno.ENOSYS))
    return b"".join(program)


def _condition(condition: OneOf | NoneOf) -> list[bytes]:
    body = [_op(LOAD, ARGS_AT + 8 * condition.arg)]
    if isinstance(condition, NoneOf):
        body += [_op(JUMP_ANY_BIT, condition.mask, yes=1), _op(RETURN, ALLOW)]
    else:
        for value in condition.values:
            body += [_op(JUMP_EQUAL, value, no=1), _op(RETURN, ALLOW)]
    return [*body, _op(RETURN, ERRNO | errno.EPERM)]


def _op(code: int, operand: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, operand)
