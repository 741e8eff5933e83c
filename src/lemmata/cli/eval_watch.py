"""How far a run is, for a person who waits: a bar on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lemmata.eval.run import Standing, Watch

_EVERY_S = 10.0


@contextmanager
def watching(name: str, place: Path) -> Iterator[Watch]:
    """Progress with the time that is left, and how to go on where a run is stopped."""
    from lemmata.models.progress import shown

    last = [0.0]
    with shown() as bars:

        def lines(standing: Standing) -> None:
            now = time.monotonic()
            if standing.done == standing.total or now - last[0] >= _EVERY_S:
                last[0] = now
                print(f"{name}: {_standing(standing)}", file=sys.stderr)

        def drawn(standing: Standing) -> None:
            bars(name, standing.done, standing.total)

        try:
            yield drawn if sys.stderr.isatty() else lines
        except BaseException:
            if (place / "run.json").exists():
                print(f"kept; go on with: lemmata eval resume {place}", file=sys.stderr)
            raise


def _standing(standing: Standing) -> str:
    right = f"{100 * standing.right / max(1, standing.done):.0f} % right so far"
    text = f"{standing.done}/{standing.total}, {right}"
    if standing.eta_s is None or standing.done == standing.total:
        return text
    minutes, seconds = divmod(round(standing.eta_s), 60)
    return f"{text}, about {f'{minutes} min ' if minutes else ''}{seconds} s left"
