from __future__ import annotations

from pathlib import Path

import pytest

from lemmata.doctor import machine

X86 = "processor\t: 0\nmodel name\t: Some CPU\nflags\t\t: fpu sse {more}\n\nprocessor\t: 1\n"
ARM = "processor\t: 0\nFeatures\t: fp asimd i8mm bf16\n"


def test_vector_instructions_are_named(tmp_path: Path) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text(X86.format(more="avx2 fma"))
    assert machine.cpu(info).value == "Some CPU: avx2 fma"
    info.write_text(ARM)
    assert machine.cpu(info).state == "ok"


def test_a_processor_without_them_is_warned_about(tmp_path: Path) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text(X86.format(more="sse4_2"))
    assert machine.cpu(info).state == "warn"
    assert machine.cpu(tmp_path / "none").state == "warn"


@pytest.mark.parametrize(
    ("more", "has"), [("avx2", False), ("avx512_bf16", True), ("amx_bf16", True)]
)
def test_processors_that_multiply_bf16_are_told_apart(tmp_path: Path, more: str, has: bool) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text(X86.format(more=more))
    assert machine.has_bf16(info) is has


@pytest.mark.parametrize(
    ("told", "state"), [("max 100000", "ok"), ("150000 100000", "warn"), ("400000 100000", "ok")]
)
def test_more_threads_than_the_container_may_use(tmp_path: Path, told: str, state: str) -> None:
    (tmp_path / "cpu.max").write_text(told)
    assert machine.cores(4, tmp_path).state == state


def test_the_mend_names_the_threads_that_fit(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("150000 100000")
    assert "LEMMATA_THREADS=1" in machine.cores(4, tmp_path).mend


@pytest.mark.parametrize(
    ("limit", "used", "state"),
    [(2**29, 2**28, "fail"), (2**31, 2**30, "warn"), (2**29, 0, "warn")],
)
def test_the_containers_memory_counts(tmp_path: Path, limit: int, used: int, state: str) -> None:
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    (tmp_path / "memory.current").write_text(f"{used}\n")
    assert machine.memory(tmp_path).state == state


def test_disk_of_a_home_that_is_not_there_yet(tmp_path: Path) -> None:
    assert str(tmp_path / "a" / "b") in machine.disk(tmp_path / "a" / "b").value
