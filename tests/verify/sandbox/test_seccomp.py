"""The filter, run through an interpreter of classic BPF for every system call number."""

from __future__ import annotations

import errno
import platform
import re
import struct
from pathlib import Path

import pytest

from lemmata.errors import EnvironmentMissing
from lemmata.verify.sandbox import seccomp
from lemmata.verify.sandbox.syscalls import AARCH64, X86_64

ALLOWED, KILLED = seccomp.ALLOW, seccomp.KILL
ABSENT = seccomp.ERRNO | errno.ENOSYS
REFUSED = seccomp.ERRNO | errno.EPERM
ARCHES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


def decide(program: bytes, arch: int, number: int, arguments: tuple[int, ...] = ()) -> int:
    """What the kernel would do: one value of linux/seccomp.h."""
    padded = (*arguments, *(0,) * (6 - len(arguments)))
    data = struct.pack("=iIQ6Q", number, arch, 0, *padded)
    steps = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    loaded, at = 0, 0
    while True:
        code, yes, no, operand = steps[at]
        at += 1
        if code == seccomp.LOAD:
            loaded = struct.unpack_from("=I", data, operand)[0]
        elif code == seccomp.RETURN:
            return operand
        else:
            hit = loaded == operand if code == seccomp.JUMP_EQUAL else bool(loaded & operand)
            at += yes if hit else no


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_only_what_is_listed_exists(machine: str) -> None:
    program = seccomp.assemble(machine)
    listed = seccomp.MACHINES[machine][1]
    plain = {number for name, number in listed.items() if name not in seccomp.CONDITIONS}
    conditional = {listed[name] for name in seccomp.CONDITIONS}
    for number in [*range(700), 0x40000000 + 39, 0x7FFFFFFF, -1]:
        if number in conditional:
            continue
        wanted = ALLOWED if number in plain else ABSENT
        assert decide(program, ARCHES[machine], number) == wanted, number


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_another_machines_entry_kills(machine: str) -> None:
    program = seccomp.assemble(machine)
    for arch in (0x40000003, 0x40000028, 0xC0000015, *ARCHES.values()):
        if arch != ARCHES[machine]:
            assert decide(program, arch, 0) == KILLED


@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        ("clone", (17,), ALLOWED),
        ("clone", (0x3D0F00,), ALLOWED),  # a thread
        ("clone", (0x10000000 | 17,), REFUSED),
        ("clone", (0x40000000,), REFUSED),
        ("clone", (0x00002000,), REFUSED),
        ("socketpair", (1, 1, 0), ALLOWED),
        ("socketpair", (2, 1, 0), REFUSED),
        ("ioctl", (0, 0x5401), ALLOWED),
        ("ioctl", (0, 0x5412), REFUSED),  # TIOCSTI
        ("ioctl", (0, 0x5412 | 1 << 32), REFUSED),
        ("prctl", (4,), ALLOWED),
        ("prctl", (22,), REFUSED),  # another filter
        ("prlimit64", (0,), ALLOWED),
        ("prlimit64", (1,), REFUSED),
    ],
)
def test_arguments(name: str, arguments: tuple[int, ...], wanted: int) -> None:
    program = seccomp.assemble("x86_64")
    assert decide(program, ARCHES["x86_64"], X86_64[name], arguments) == wanted


@pytest.mark.parametrize(("machine", "table"), [("x86_64", X86_64), ("aarch64", AARCH64)])
def test_numbers_are_the_kernels(machine: str, table: dict[str, int]) -> None:
    header = HEADERS[machine]
    if not header.exists():
        pytest.skip(f"no {header}")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text())
    known = {name: int(number) for name, number in found}
    other = {"newfstatat": "fstatat"}
    for name, number in table.items():
        assert number == known.get(name, known.get(other.get(name, ""))), name


DOORS = (
    "socket", "io_uring_setup", "ptrace", "bpf", "unshare", "setns", "mount", "memfd_create",
    "keyctl", "process_vm_readv", "clone3", "pidfd_getfd", "userfaultfd", "perf_event_open",
    "shmget",
)  # fmt: skip


@pytest.mark.parametrize("name", DOORS)
def test_doors_are_not_listed(name: str) -> None:
    assert name not in X86_64
    assert name not in AARCH64


def test_an_unknown_machine_is_refused() -> None:
    assert platform.machine() in seccomp.MACHINES
    with pytest.raises(EnvironmentMissing, match="riscv64"):
        seccomp.assemble("riscv64")
