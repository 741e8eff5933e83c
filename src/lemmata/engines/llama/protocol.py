"""What the engine's parent and its child process say to each other.

Frames are a 4-byte little-endian length and one JSON document, checked on both sides. The parent
sends commands, the child answers each Call with one Reply or Failure, and streams Pieces.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated, Literal

from pydantic import Field, TypeAdapter

from lemmata import errors
from lemmata.engines.base import EndedBy, Sampling, TokenLogprob
from lemmata.engines.llama.options import Options
from lemmata.types import FinishReason

LARGEST_FRAME = 256 << 20


@dataclass(frozen=True, slots=True)
class AdapterKey:
    """What decides the weights that a request runs on: content hash (None: the base), strength."""

    sha256: str | None = None
    strength: float = 1.0


BASE = AdapterKey()


@dataclass(frozen=True, slots=True)
class Open:
    """Serve the model in `gguf`. `composed`: text is brought into Unicode's NFC first."""

    gguf: Path
    options: Options
    composed: bool = False
    kind: Literal["open"] = "open"


@dataclass(frozen=True, slots=True)
class Submit:
    """Generate after `tokens`. Answered by Pieces, the last with a finish reason, or Failure."""

    id: int
    tokens: tuple[int, ...]
    adapter: AdapterKey
    sampling: Sampling
    thinking_budget: int | None = None
    stop_loops: bool = False
    deadline_s: float | None = None
    kind: Literal["submit"] = "submit"


@dataclass(frozen=True, slots=True)
class Score:
    """Log-probability of each token but the first. Answered by Reply."""

    id: int
    tokens: tuple[int, ...]
    adapter: AdapterKey
    kind: Literal["score"] = "score"


@dataclass(frozen=True, slots=True)
class Cancel:
    """End a Submit or Score where it is; it is answered as cancelled. Unknown ids are ignored."""

    id: int
    kind: Literal["cancel"] = "cancel"


@dataclass(frozen=True, slots=True)
class Load:
    """Make the GGUF LoRA at `path` usable as `sha256`. Answered by Reply or Failure."""

    id: int
    sha256: str
    path: Path
    kind: Literal["load"] = "load"


@dataclass(frozen=True, slots=True)
class Unload:
    """Forget `sha256` once no request runs on it."""

    sha256: str
    kind: Literal["unload"] = "unload"


@dataclass(frozen=True, slots=True)
class Tokenize:
    """Token ids of `text`, special tokens parsed. Answered at once, beside decoding."""

    id: int
    text: str
    kind: Literal["tokenize"] = "tokenize"


@dataclass(frozen=True, slots=True)
class Ping:
    """Answered at once by Pong: how long the longest step now running has taken."""

    kind: Literal["ping"] = "ping"


@dataclass(frozen=True, slots=True)
class Quit:
    kind: Literal["quit"] = "quit"


Command = Open | Submit | Score | Cancel | Load | Unload | Tokenize | Ping | Quit


@dataclass(frozen=True, slots=True)
class Ready:
    """Most tokens of a request, and how many different ones there are."""

    context: int
    vocabulary: int
    kind: Literal["ready"] = "ready"


@dataclass(frozen=True, slots=True)
class Piece:
    """New text of request `id`. `cached` counts prompt tokens that came from the cache."""

    id: int
    text: str
    tokens: int
    finish_reason: FinishReason | None = None
    ended_by: EndedBy = ""
    logprobs: tuple[TokenLogprob, ...] = ()
    cached: int = 0


@dataclass(frozen=True, slots=True)
class Pieces:
    """The texts that one step brought, and how full the engine is after it."""

    pieces: tuple[Piece, ...]
    active: int
    queued: int
    kv_used: int
    kind: Literal["pieces"] = "pieces"


@dataclass(frozen=True, slots=True)
class Reply:
    id: int
    values: list[float] | list[int] = field(default_factory=list)
    kind: Literal["reply"] = "reply"


@dataclass(frozen=True, slots=True)
class Failure:
    """Command `id` (-1: opening) failed; `error` is the name of a class in lemmata.errors."""

    id: int
    error: str
    cause: str
    mend: str = ""
    kind: Literal["failure"] = "failure"

    def exception(self) -> errors.LemmataError:
        """The error to raise. An unknown name is a fault of the child's."""
        made = {
            "AdapterRefused": errors.AdapterRefused,
            "ModelRefused": errors.ModelRefused,
            "BadInput": errors.BadInput,
        }.get(self.error, errors.EngineDied)
        return made(self.cause, self.mend)


def failure(number: int, error: errors.LemmataError) -> Failure:
    return Failure(number, type(error).__name__, error.cause, error.mend)


Brought = list[Piece | Reply | Failure]
"""What a step brings."""


@dataclass(frozen=True, slots=True)
class Pong:
    step_s: float
    kind: Literal["pong"] = "pong"


Event = Ready | Pieces | Reply | Failure | Pong

_BY_KIND = Field(discriminator="kind")
_COMMANDS: TypeAdapter[Command] = TypeAdapter(Annotated[Command, _BY_KIND])
_EVENTS: TypeAdapter[Event] = TypeAdapter(Annotated[Event, _BY_KIND])


def command_frame(command: Command) -> bytes:
    """Raises ValueError for text that is no Unicode (half of a surrogate pair)."""
    return _frame(_COMMANDS.dump_json(command))


def write_event(stream: IO[bytes], event: Event) -> None:
    stream.write(_frame(_EVENTS.dump_json(event)))
    stream.flush()


def read_command(stream: IO[bytes]) -> Command | None:
    """The next command; None at the end of the stream. Raises ValueError for a broken frame."""
    frame = _read(stream)
    return None if frame is None else _COMMANDS.validate_json(frame)


def read_event(stream: IO[bytes]) -> Event | None:
    """The next event; None at the end of the stream. Raises ValueError for a broken frame."""
    frame = _read(stream)
    return None if frame is None else _EVENTS.validate_json(frame)


def _frame(text: bytes) -> bytes:
    return struct.pack("<I", len(text)) + text


def _read(stream: IO[bytes]) -> bytes | None:
    head = stream.read(4)
    if not head:
        return None
    if len(head) < 4:
        raise ValueError("the stream ends in the middle of a frame")
    (length,) = struct.unpack("<I", head)
    if length > LARGEST_FRAME:
        raise ValueError(f"a frame of {length} bytes")
    text = stream.read(length)
    if len(text) < length:
        raise ValueError("the stream ends in the middle of a frame")
    return text
