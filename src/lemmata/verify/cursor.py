"""A cursor over tokens, with a bound on nesting."""

from __future__ import annotations

from lemmata.verify.tokens import Token, Unreadable

DEPTH = 60


class Cursor:
    """What every reader stands on. `bars_open` counts the |…| that are being read."""

    def __init__(self, tokens: list[Token]) -> None:
        if len(tokens) > 3000:
            raise Unreadable("too long")
        self.tokens = list(tokens)
        self.at = 0
        self.depth = 0
        self.bars_open = 0

    # The cursor.

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def peek(self, ahead: int = 1) -> Token:
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def next(self) -> Token:
        token = self.token
        self.at += token.kind != "end"
        return token

    def sees(self, *texts: str) -> bool:
        return self.token.text in texts and self.token.kind in ("sign", "function")

    def take(self, *texts: str) -> bool:
        if self.sees(*texts):
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise Unreadable(f"expected {text!r} and found {self.token.text!r}")

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEPTH:
            raise Unreadable("nested too deeply")
