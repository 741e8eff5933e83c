"""Entry point of the `lemmata` command and of `python -m lemmata`.

Imports nothing heavy itself: Ctrl-C while the rest is being imported must also end in one line.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    try:
        from lemmata.cli import main as run

        run()
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr, flush=True)
        # No interpreter shutdown: a second Ctrl-C in it would print a traceback.
        os._exit(130)


if __name__ == "__main__":
    main()
