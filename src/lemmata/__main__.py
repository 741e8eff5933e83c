"""Entry point of the `lemmata` command and of `python -m lemmata`.

Imports nothing heavy itself: Ctrl-C while the rest is being imported must also end in one line.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from sys import UnraisableHookArgs


def main() -> NoReturn:
    sys.unraisablehook = _interrupt_again
    try:
        from lemmata.cli import main as run

        run()
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr, flush=True)
        # No interpreter shutdown: a second Ctrl-C in it would print a traceback.
        os._exit(130)


def _interrupt_again(lost: UnraisableHookArgs) -> None:
    """Ctrl-C again where Python threw it away, a moment later.

    An exception cannot leave a weak reference's callback or a `__del__`. Every import runs such
    a callback, so a Ctrl-C in the first second would now and then do nothing at all.
    """
    if not issubclass(lost.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(lost)
        return
    import _thread
    import threading

    timer = threading.Timer(0.01, _thread.interrupt_main)
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    main()
