"""What one look at the machine found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`fail`: something needed is missing; `warn`: it works, but worse than it could.

    `value` is what was seen, `mend` what to do about it; each one line.
    """

    name: str
    state: State
    value: str
    mend: str = ""
