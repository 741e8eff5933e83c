"""The text that a person hands to a command: in a file, or on stdin."""

from __future__ import annotations

import sys
from pathlib import Path


def text_of(file: str | Path) -> str:
    """The text of a file; of stdin for `-`. Raises BadInput."""
    from lemmata.errors import BadInput

    try:
        if str(file) != "-":
            return Path(file).read_text(encoding="utf-8")
        # Some locales have Python hide bytes that are no text in what it reads.
        return sys.stdin.buffer.read().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        name = "stdin" if str(file) == "-" else file
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise BadInput(f"cannot read {name}: {reason}", "Give a text file.") from None
