"""What a person sees when a command fails: one line, with the cause and the mend.

A `LemmataError` says both itself. Anything else is a fault of ours: its traceback goes to a file
under LEMMATA_HOME/logs, or to the terminal with `--debug` or LEMMATA_DEBUG=1.
"""

from __future__ import annotations

import sys
import time
import traceback
from pathlib import Path

import typer

from lemmata import settings
from lemmata.errors import BadInput, DiskFull, LemmataError, is_disk_full

_IN_THE_WAY = (PermissionError, NotADirectoryError, IsADirectoryError, FileExistsError)
"""What a path of the person's can be; whatever command meets it, nothing of ours is at fault."""
_debug = False


def show_tracebacks(asked: bool) -> None:
    """Set by the root command's `--debug`."""
    global _debug
    _debug = asked


def say(error: LemmataError | typer.TyperException) -> int:
    """Print the one line of an error that a person caused; returns its exit code."""
    if isinstance(error, LemmataError):
        _line(str(error))
        return error.exit_code
    message = error.format_message().strip().rstrip(".")
    if not message:
        return 0  # nothing was asked for, and typer has shown the help
    context = getattr(error, "ctx", None)  # typer does not export its UsageError
    hint = f" Try `{context.command_path} --help`." if context else ""
    _line(f"{message}.{hint}")
    return 2


def report(error: Exception) -> int:
    """Print one line about a fault of ours and keep its traceback; returns the exit code."""
    if isinstance(error, OSError) and is_disk_full(error):
        where = f" ({error.filename})" if error.filename else ""
        return say(DiskFull(f"no space left on the disk{where}", "Free some and run again."))
    if isinstance(error, _IN_THE_WAY) and error.filename:
        cause = f"{error.filename}: {(error.strerror or 'cannot be used').lower()}"
        return say(BadInput(cause, "Name another place, or mend its permissions."))
    trace = "".join(traceback.format_exception(error))
    if _debug:
        print(trace, file=sys.stderr, end="")
        return LemmataError.exit_code
    kept = _keep(trace)
    where = f"the traceback is in {kept}" if kept else "run again with --debug to see where"
    _line(f"internal fault: {type(error).__name__}: {_first_line(error)} ({where})")
    return LemmataError.exit_code


def was_interrupted(error: Exception) -> bool:
    """Whether a Ctrl-C lies behind an error: compiled code may turn it into an error of its own
    (pydantic building a model while we import does) and only its text tells."""
    return "KeyboardInterrupt" in "".join(traceback.format_exception(error))


def _keep(trace: str) -> Path | None:
    """Write the traceback to a file of its own; None where even that cannot be done."""
    try:
        folder = settings.load().home / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"fault-{time.strftime('%Y%m%d-%H%M%S')}-{time.monotonic_ns()}.txt"
        path.write_text(trace, encoding="utf-8")
    except (OSError, LemmataError):
        return None
    return path


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0]


def _line(text: str) -> None:
    print(f"lemmata: {text}", file=sys.stderr)
