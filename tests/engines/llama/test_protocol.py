import io
import struct
from pathlib import Path

import pytest

from lemmata import errors
from lemmata.engines.base import Sampling, TokenLogprob
from lemmata.engines.llama import protocol as p
from lemmata.engines.llama.options import Options

COMMANDS = [
    p.Open(Path("/m.gguf"), Options(kv="q8_0")),
    p.Submit(1, (1, 2), p.AdapterKey("ab", 0.5), Sampling(stop=("\n你",), seed=3), 5, True, 1.5),
    p.Score(2, (1, 2, 3), p.BASE),
    p.Cancel(1),
    p.Load(3, "ab", Path("/a.gguf")),
    p.Unload("ab"),
    p.Tokenize(4, "a\x00🙂"),
    p.Ping(),
    p.Quit(),
]
TOLD = TokenLogprob(5, "x", -0.5, ((5, "x", -0.5), (6, "y", -2.0)))
EVENTS = [
    p.Ready(512, 49_152),
    p.Pieces((p.Piece(1, "é", 1, "length", "loop", (TOLD,), 7), p.Piece(2, "", 0)), 1, 2, 3),
    p.Reply(2, [-0.5, -1e-9]),
    p.Reply(4, [1, 2]),
    p.Failure(3, "AdapterRefused", "because", "do"),
    p.Pong(0.25),
]


def test_everything_said_is_heard_the_same():
    stream = io.BytesIO()
    for command in COMMANDS:
        stream.write(p.command_frame(command))
    stream.seek(0)
    assert [p.read_command(stream) for _ in COMMANDS] == COMMANDS
    assert p.read_command(stream) is None
    stream = io.BytesIO()
    for event in EVENTS:
        p.write_event(stream, event)
    stream.seek(0)
    assert [p.read_event(stream) for _ in EVENTS] == EVENTS
    assert p.read_event(stream) is None


def framed(text):
    return struct.pack("<I", len(text)) + text


@pytest.mark.parametrize(
    "raw",
    [b"\x01", b"\x05\0\0\0{}", struct.pack("<I", 2**31) + b"x", framed(b"{"), framed(b"{}"),
     framed(b'{"kind": "explode"}'), framed(b'{"kind": "cancel", "id": "x"}'), framed(b"[]")],
)  # fmt: skip
def test_broken_frames_are_value_errors(raw):
    with pytest.raises(ValueError):  # noqa: PT011 - pydantic's own is one
        p.read_command(io.BytesIO(raw))


def test_failures_become_the_error_they_name():
    assert isinstance(p.Failure(1, "AdapterRefused", "x").exception(), errors.AdapterRefused)
    assert isinstance(p.Failure(1, "Surprise", "x").exception(), errors.EngineDied)
