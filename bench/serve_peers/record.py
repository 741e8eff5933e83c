"""What is asked of a peer and what is noted of its answer."""

from __future__ import annotations

import time
from dataclasses import dataclass

Job = tuple[list[int], int | None, int]
THREADS = 2
CELLS = 16_384


@dataclass
class Record:
    """Seconds from the start of the run to the first token and to the end; tokens written."""

    first_s: float = 0.0
    end_s: float = 0.0
    tokens: int = 0

    def note(self, started: float, tokens: int = 1) -> None:
        self.end_s = time.perf_counter() - started
        self.first_s = self.first_s or self.end_s
        self.tokens += tokens
