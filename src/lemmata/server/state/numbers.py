"""What rows are numbered by: 128 random bits in hex."""

from __future__ import annotations

import re

_FORM = re.compile(r"[0-9a-f]{32}")


def is_number(text: str) -> bool:
    """Whether it can be one; nothing else is worth asking a database for."""
    return _FORM.fullmatch(text) is not None
