"""Token bytes to text that can be shown: whole characters only, stop strings never.

Both may be split over tokens, so what could still become a stop string is held back.
"""

from __future__ import annotations

import codecs


class StopText:
    """Text as it comes, up to the first of `stops`."""

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._longest = max(map(len, self._stops), default=1) - 1
        self._held = ""
        self.stopped = False

    def feed(self, text: str) -> str:
        """What of it may be shown now; after a stop string, nothing."""
        if self.stopped or not self._stops:
            return "" if self.stopped else text
        self._held += text
        found = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            self.stopped = True
            shown, self._held = self._held[: min(found)], ""
            return shown
        keep = self._open_end()
        shown, self._held = (
            self._held[: len(self._held) - keep],
            self._held[len(self._held) - keep :],
        )
        return shown

    def finish(self) -> str:
        """What was held back and turned out to be plain text."""
        rest, self._held = self._held, ""
        return rest

    def _open_end(self) -> int:
        """Length of the longest end of the text that begins a stop string."""
        most = min(self._longest, len(self._held))
        ends = (n for n in range(most, 0, -1) if self._begins(self._held[-n:]))
        return next(ends, 0)

    def _begins(self, end: str) -> bool:
        return any(stop.startswith(end) for stop in self._stops)


class TokenText:
    """Bytes of tokens as they come. Bytes that are no UTF-8 become U+FFFD."""

    def __init__(self, stops: tuple[str, ...] = ()) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stop = StopText(stops)

    @property
    def stopped(self) -> bool:
        return self._stop.stopped

    def feed(self, piece: bytes) -> str:
        return self._stop.feed(self._decoder.decode(piece))

    def finish(self) -> str:
        """The rest, once no more tokens come; a character cut in half is left out."""
        return self._stop.finish()
