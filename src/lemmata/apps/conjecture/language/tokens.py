"""From text to tokens, with bounds on what is accepted before anything is built."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from lemmata.errors import BadInput

MAX_CHARACTERS = 4000
MAX_TOKENS = 800
MAX_DIGITS = 60

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?!\d))|(?P<name>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<sign><->|->|<=|>=|!=|//|\.\.|[-+*/^=<>(),:;]))"
)

Kind = Literal["number", "name", "sign", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    at: int
    """Position in the text, counted in characters from 0."""


def tokens(text: str) -> list[Token]:
    """The tokens of `text`, closed by an `end`. Raises BadInput on a stray sign or a long text."""
    if len(text) > MAX_CHARACTERS:
        raise BadInput(f"the expression has {len(text)} characters, over {MAX_CHARACTERS}")
    found: list[Token] = []
    at = 0
    # `2..n` must not be read as the number "2." and a dot.
    while rest := text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadInput(f"the sign {rest[0]!r} means nothing here", _where(text, at))
        kind: Kind = match.lastgroup  # type: ignore[assignment]
        word = match.group(kind)
        if kind == "number" and len(word) > MAX_DIGITS:
            raise BadInput(f"a number of {len(word)} digits, over {MAX_DIGITS}")
        found.append(Token(kind, word, match.start(kind)))
        if len(found) > MAX_TOKENS:
            raise BadInput(f"the expression has more than {MAX_TOKENS} parts")
        at = match.end()
    return [*found, Token("end", "", len(text))]


def _where(text: str, at: int) -> str:
    return f"It stands after {text[max(0, at - 20) : at].strip()!r}."
