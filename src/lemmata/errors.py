"""The error model: every error that a person can cause, with its mend, exit code and HTTP status.

Any layer may raise these; only `cli` (one line on stderr, then the exit code) and `server` (an
OpenAI-style error body) turn them into a person's message. Nothing between catches them to carry
on. Anything that is not a `LemmataError` is a fault of ours: exit code 4, HTTP 500.

    LemmataError
    ├── AnswerIsNo            1  200  a check said no: wrong, refuted, gate failed
    ├── BadInput              2  400  what was given cannot be used
    │   ├── UnknownModel      2  404
    │   ├── UnknownAdapter    2  404
    │   ├── UnknownConversation 2 404
    │   ├── UnknownJob        2  404
    │   ├── UnknownRun        2  404
    │   ├── UnknownSolve      2  404
    │   ├── AdapterRefused    2  400  a folder that is no adapter for this base, or not a safe one
    │   ├── ModelRefused      2  400  a model file that is corrupt or of a family we do not serve
    │   ├── ContextOverflow   2  400  carries both numbers
    │   ├── Unsupported       2  400  the engine cannot do what the request names
    │   ├── BadRecipe         2  400
    │   └── BadData           2  400
    ├── EnvironmentMissing    3  503  this machine lacks something
    │   ├── MissingExtra      3  503  an optional dependency is not installed
    │   ├── NoNetwork         3  503
    │   ├── DiskFull          3  507
    │   └── PortTaken         3  503
    ├── EngineDied            4  503  the engine broke or is shutting down; the request was not done
    ├── TrainerDied           4  503  a process of a tuning run ended; its last checkpoint is kept
    └── NotReady              4  503  the model is still loading; says when to come back
        └── Overloaded        4  429  more is asked for than the queue holds
"""

from __future__ import annotations

import errno
import sys


class LemmataError(Exception):
    """Base of all: `cause` says what is wrong, `mend` what to do, each one line."""

    exit_code = 4
    http_status = 500

    def __init__(self, cause: str, mend: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.cause}. {self.mend}" if self.mend else self.cause


class AnswerIsNo(LemmataError):
    exit_code = 1
    http_status = 200


class BadInput(LemmataError):
    exit_code = 2
    http_status = 400


class UnknownModel(BadInput):
    http_status = 404


class UnknownAdapter(BadInput):
    http_status = 404


class UnknownConversation(BadInput):
    http_status = 404


class UnknownJob(BadInput):
    http_status = 404


class UnknownRun(BadInput):
    http_status = 404


class UnknownSolve(BadInput):
    http_status = 404


class AdapterRefused(BadInput):
    def __init__(self, cause: str, mend: str = "Plain LoRA is served, as PEFT saves it.") -> None:
        super().__init__(cause, mend)


class ModelRefused(BadInput):
    pass


class ContextOverflow(BadInput):
    """The prompt does not fit; never cut silently. Both counts are in tokens."""

    def __init__(self, prompt_tokens: int, context: int) -> None:
        super().__init__(
            f"the prompt has {prompt_tokens} tokens and the context holds {context}",
            "Shorten the prompt, or start the engine with a larger context.",
        )
        self.prompt_tokens = prompt_tokens
        self.context = context


class Unsupported(BadInput):
    """This engine has no way to do it; told before anything is sent, never left out silently."""


class BadRecipe(BadInput):
    pass


class BadData(BadInput):
    pass


class EnvironmentMissing(LemmataError):
    exit_code = 3
    http_status = 503


class MissingExtra(EnvironmentMissing):
    """An optional dependency is absent; `extra` is the name in `pip install 'lemmata[extra]'`."""

    def __init__(self, package: str, extra: str) -> None:
        pip = f"{sys.executable} -m pip"
        super().__init__(
            f"{package} is not installed", f"Install it: {pip} install 'lemmata[{extra}]'"
        )


class NoNetwork(EnvironmentMissing):
    pass


class DiskFull(EnvironmentMissing):
    http_status = 507


def is_disk_full(error: OSError) -> bool:
    """Whether a write failed for want of space, or of quota."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}


class PortTaken(EnvironmentMissing):
    pass


class EngineDied(LemmataError):
    exit_code = 4
    http_status = 503


class TrainerDied(LemmataError):
    exit_code = 4
    http_status = 503


class NotReady(LemmataError):
    """Right, but not now; `retry_after` is in seconds."""

    exit_code = 4
    http_status = 503

    def __init__(self, cause: str, mend: str = "", retry_after: int = 1) -> None:
        super().__init__(cause, mend)
        self.retry_after = retry_after


class Overloaded(NotReady):
    http_status = 429
