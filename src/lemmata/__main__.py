"""Entry point of the `lemmata` command and of `python -m lemmata`.

Imports nothing heavy itself: Ctrl-C while the rest is being imported must also end in one line.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

STOPPED = 130
"""The exit code of Ctrl-C."""


def main() -> NoReturn:
    sys.unraisablehook = _interrupt_again
    try:
        from lemmata.cli import main as run

        run()
    except KeyboardInterrupt:
        # A second Ctrl-C must not interrupt the leaving.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("stopped", file=sys.stderr)
        _leave()
    except SystemExit as leaving:
        if leaving.code == STOPPED:
            _leave()
        raise


def _leave() -> NoReturn:
    """130, whatever Python itself would say.

    A KeyboardInterrupt that went through an `exec` (every dataclass has one) makes Python kill
    itself by SIGINT at the end, even where the interrupt was caught.
    """
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    atexit._run_exitfuncs()
    os._exit(STOPPED)


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
