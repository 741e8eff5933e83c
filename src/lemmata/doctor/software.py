"""Python, compiler, engine, torch, the model to serve."""

from __future__ import annotations

import platform
import shutil
import sys
from importlib import metadata

from lemmata.doctor import machine
from lemmata.doctor.finding import Finding
from lemmata.errors import LemmataError
from lemmata.models.store import Store
from lemmata.settings import Settings

ENGINE = "llama-cpp-python"


def python() -> Finding:
    """The interpreter, and whether it is an environment of its own."""
    value = f"{platform.python_version()} at {sys.prefix}"
    if sys.prefix == sys.base_prefix:
        mend = "Use a virtual environment: bash start.sh makes one."
        return Finding("python", "warn", f"{value}, not a virtual environment", mend)
    return Finding("python", "ok", value)


def compiler() -> Finding:
    """Needed once, to build the engine."""
    found = next((name for name in ("c++", "g++", "clang++") if shutil.which(name)), None)
    if found:
        return Finding("compiler", "ok", str(shutil.which(found)))
    value = "none; needed only to build the engine"
    if _version(ENGINE):
        return Finding("compiler", "ok", value)
    return Finding("compiler", "fail", value, "Install one: sudo apt install g++ cmake.")


def libllama() -> Finding:
    """The embedded engine's library. Read from its metadata: loading it takes a second."""
    version = _version(ENGINE)
    if version is None:
        mend = "Install it: bash start.sh setup, or pip install llama-cpp-python."
        return Finding("libllama", "fail", f"{ENGINE} is not installed", mend)
    return Finding("libllama", "ok", f"{ENGINE} {version}")


def torch() -> Finding:
    """Only tuning needs it."""
    version = _version("torch")
    if version is None:
        return Finding("torch", "ok", "not installed; only tuning needs it (lemmata[train])")
    if machine.has_bf16():
        version += "; this processor multiplies bf16: precision=bf16 in a recipe is faster"
    return Finding("torch", "ok", version)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def model(settings: Settings) -> Finding:
    """The model that `serve` and `solve` would take, sound or not."""
    try:
        stored = Store(settings).get(settings.model)
    except LemmataError as error:
        return Finding("model", "fail", error.cause, error.mend)
    size = stored.gguf.stat().st_size / 2**20
    return Finding("model", "ok", f"{settings.model}: {stored.gguf} ({size:.0f} MiB)")


def sandbox() -> Finding:
    """What keeps programs that are being judged from the rest of the machine."""
    from lemmata.verify.sandbox import level

    found = level()
    if found.rung == "full":
        return Finding("sandbox", "ok", found.line())
    mend = "Install bubblewrap and allow user namespaces: sudo apt install bubblewrap."
    return Finding("sandbox", "warn", found.line(), mend)
