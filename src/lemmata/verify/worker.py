"""The process behind the pool: limits itself, then answers one JSON line with another.

Run as `python -m lemmata.verify.worker MEMORY_MIB`. It ends when its input closes, and a timer of
its own computing time ends it even when nobody is left to kill it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from typing import Any


def limit(memory_mib: int) -> None:
    """No more address space than this, no new files' content, no core dumps."""
    size = memory_mib << 20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def allow_cpu(seconds: float) -> None:
    """End this process once it has computed so long, also inside C code; 0 takes the limit off."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def answer(task: dict[str, Any]) -> dict[str, Any]:
    from lemmata.verify import cas

    try:
        return cas.answer(task)
    except MemoryError:
        return {"undecided": "out of memory", "spent": True}
    except RecursionError:
        return {"undecided": "too deeply nested", "spent": True}
    except Exception as error:  # noqa: BLE001 - algebra libraries raise anything; the reason is passed on
        return {"undecided": f"the algebra system gave up ({type(error).__name__})"}


def main() -> None:
    limit(int(sys.argv[1]))
    # Replies go out on a private copy; whatever a library prints must not land among them.
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    from lemmata.verify import cas

    cas.load()
    replies.write("ready\n")
    replies.flush()
    for line in sys.stdin:
        task = json.loads(line)
        allow_cpu(task["cpu_s"])
        reply = answer(task)
        allow_cpu(0)
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
