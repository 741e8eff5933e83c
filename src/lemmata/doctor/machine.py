"""Processor, memory, disk and GPU: read, never changed. Linux's /proc and cgroup v2."""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path

import psutil

from lemmata.doctor.finding import Finding

GIB = 2**30
_NOTABLE = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_tile", "f16c", "fma",
            "asimd", "asimddp", "i8mm", "bf16", "sve")  # fmt: skip
CPUINFO = Path("/proc/cpuinfo")
CGROUP = Path("/sys/fs/cgroup")


def cpu(cpuinfo: Path = CPUINFO) -> Finding:
    """The model, and the vector instructions that decide how fast it decodes."""
    fields, flags = _fields(cpuinfo), _flags(cpuinfo)
    name = fields.get("model name") or platform.machine()
    seen = " ".join(flag for flag in _NOTABLE if flag in flags)
    if {"avx2", "asimd"} & flags:
        return Finding("cpu", "ok", f"{name}: {seen}")
    mend = "Decoding will be several times slower; a CPU with AVX2 or NEON is advised."
    return Finding("cpu", "warn", f"{name}: no AVX2, no NEON", mend)


def has_bf16(cpuinfo: Path = CPUINFO) -> bool:
    """Whether its instructions multiply bf16, which makes tuning in it faster than in float32."""
    return bool({"avx512_bf16", "amx_bf16"} & _flags(cpuinfo))


def _flags(cpuinfo: Path) -> set[str]:
    fields = _fields(cpuinfo)
    return set((fields.get("flags") or fields.get("Features") or "").split())


def _fields(cpuinfo: Path) -> dict[str, str]:
    """The first processor's lines."""
    text = cpuinfo.read_text(errors="replace") if cpuinfo.exists() else ""
    pairs = (line.split(":", 1) for line in text.split("\n\n", 1)[0].splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def cores(threads: int, cgroup: Path = CGROUP) -> Finding:
    """Cores of the machine, and how many of them a container may use."""
    physical = psutil.cpu_count(logical=False) or 0
    quota = _quota(cgroup / "cpu.max")
    value = f"{physical} physical, {psutil.cpu_count()} logical, {threads} threads used"
    if quota is not None and threads > quota:
        mend = f"Set LEMMATA_THREADS={max(int(quota), 1)}: more threads than cores slow it down."
        return Finding("cores", "warn", f"{value}, but this container may use {quota:g}", mend)
    return Finding("cores", "ok", value)


def _quota(path: Path) -> float | None:
    """cgroup v2 `cpu.max`: "max 100000", or quota and period in microseconds."""
    try:
        quota, period = path.read_text().split()
    except (OSError, ValueError):
        return None
    return None if quota == "max" else int(quota) / int(period)


def memory(cgroup: Path = CGROUP) -> Finding:
    """What may still be used, by the machine's count and the container's."""
    seen = psutil.virtual_memory()
    total, free = seen.total, seen.available
    limit = _bytes(cgroup / "memory.max")
    if limit is not None and limit < total:
        total, free = limit, min(free, limit - (_bytes(cgroup / "memory.current") or 0))
    value = f"{free / GIB:.1f} GiB free of {total / GIB:.1f}"
    if free < GIB // 2:
        return Finding(
            "memory", "fail", value, "Close something: the default model needs half a GiB."
        )
    if free < 2 * GIB:
        mend = "Enough for the default model; a 1.5B model needs 3 GiB at Q8_0 and tuning 4 GiB."
        return Finding("memory", "warn", value, mend)
    return Finding("memory", "ok", value)


def _bytes(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def disk(home: Path) -> Finding:
    """Room where models and runs are kept."""
    place = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(place).free
    value = f"{free / GIB:.1f} GiB free at {home}"
    if free < GIB:
        return Finding("disk", "fail", value, "Free some space, or set LEMMATA_HOME elsewhere.")
    if free < 8 * GIB:
        mend = "Enough for the default model; VibeThinker-1.5B with its conversion needs 8 GiB."
        return Finding("disk", "warn", value, mend)
    return Finding("disk", "ok", value)


def gpu() -> Finding:
    """NVIDIA's own tool, where it is installed."""
    if shutil.which("nvidia-smi") is None:
        return Finding("gpu", "ok", "none: the CPU engine is used")
    query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    try:
        seen = subprocess.run(  # noqa: S603 - a fixed command
            query, capture_output=True, text=True, timeout=10, check=True
        )
    except (subprocess.SubprocessError, OSError):
        mend = "Check the driver: run nvidia-smi."
        return Finding("gpu", "warn", "nvidia-smi is installed and does not answer", mend)
    return Finding("gpu", "ok", "; ".join(seen.stdout.strip().splitlines()))
