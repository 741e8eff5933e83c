"""A place in running text and what stands around it: is this word a unit, this letter a name?"""

from __future__ import annotations

from dataclasses import dataclass, field

from lemmata.verify import units
from lemmata.verify.pieces import (
    BRACKETED,
    CONJUNCTIONS,
    FUNCTIONS,
    LETTER,
    PREPOSITIONS,
    TOKEN,
)

GLUE = "\x01"
NUMBER_NOUNS = frozenset(("number", "integer", "value", "that", "get", "have", "also"))
"""Words before a number that give it no name."""
_LABELS = """day week month year hour minute page chapter grade box bag group team room level round
    stage phase type class bus train lap part section problem question step case row column
    store shop"""
LABELS = frozenset(_LABELS.split())
"""Words that number what they name: "on day 1 * 2" is no product of 1."""
RUN = 4
"""Words behind a number that may be its unit, prepositions among them."""


@dataclass
class Opened:
    """A fragment that is being read."""

    parts: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    words: int = 0
    """Unit words since the last sign or number."""
    cut: bool = False
    """A part of the first side is lost."""
    named: bool = False
    """A word stands right before the first number: "Week 2 = …", "size 5 = …"."""

    def add(self, kind: str, text: str, shown: str) -> None:
        self.parts.append(text)
        self.kinds.append(kind)
        self.shown.append(shown)
        self.words = 0

    @property
    def last(self) -> str:
        return self.kinds[-1] if self.kinds else ""


class Surroundings:
    """The pieces of a text, the place `at` which the reader is, and the fragment read `now`."""

    def __init__(self, text: str) -> None:
        self.tokens = [(m.lastgroup or "", m[0]) for m in TOKEN.finditer(text)]
        self.at = 0
        self.now = Opened()

    def around(self, offset: int) -> tuple[str, str]:
        at = self.at + offset
        return self.tokens[at] if 0 <= at < len(self.tokens) else ("", "")

    def solid(self, step: int) -> tuple[str, str]:
        """The nearest token before (-1) or after (1) that is no space."""
        near = self.around(step)
        return near if near[0] != "space" else self.around(2 * step)

    def is_glued_to_a_letter(self) -> bool:
        kind, piece = self.around(-1)
        return kind == "word" and piece.isascii() and self.now.last != "operator"

    def is_fraction_of_mixed(self, digits: str) -> bool:
        """The 1 of 1/2 in 1 1/2."""
        now = self.now
        whole = now.last == "number" and not now.words and now.parts[-1].isdigit()
        return (
            whole
            and digits.isdigit()
            and self.around(1)[1] == "/"
            and self.around(2)[0] == "number"
        )

    def is_aside(self) -> bool:
        """Words in brackets, or a bracket behind a unit or a result: "4 (15 minutes)"."""
        after = self.solid(1)
        if after[1] == "mod":
            return False
        wordy = after[0] == "word" and len(after[1]) > 1 and after[1] not in FUNCTIONS | BRACKETED
        now = self.now
        behind_result = (
            now.last == "number"
            and len(now.kinds) > 1
            and now.kinds[-2] == "relation"
            and self.around(-1)[0] == "space"
        )
        return wordy or now.words > 0 or behind_result

    def is_ratio(self) -> bool:
        """3:4 and 3 : 4, but not "Step 2: 4 + 5"."""
        before, after = self.solid(-1), self.solid(1)
        known = before[0] in ("number", "name") or (len(before[1]) == 1 and before[1] in LETTER)
        symmetric = (self.around(-1)[0] == "space") == (self.around(1)[0] == "space")
        return known and symmetric and after[0] in ("number", "name", "open", "word")

    def is_unsure(self, piece: str) -> bool:
        """J = 4 N, 1 3/4 t hours, 1/3 of Solomon: a factor, perhaps; a unit, perhaps."""
        if self.now.last != "number" or self.around(-1)[0] != "space":
            return False
        if piece.lower() == "of":
            fraction = self.now.kinds[-2:] == ["operator", "number"] and self.now.parts[-2] == "/"
            part = not self.now.words and (fraction or self.now.parts[-1].endswith("%"))
            return part and self._sign_follows()
        letter = len(piece) == 1 and piece in LETTER
        return letter and (piece == "t" or (piece.isupper() and not self.now.words))

    def _sign_follows(self) -> bool:
        """Whether the words here lead to a sign: "1/3 of Solomon = …", not "… = 1/4 of them."""
        for kind, piece in self.tokens[self.at : self.at + 16]:
            if kind in ("relation", "operator") or piece in ("x", "X"):
                return True
            if kind not in ("word", "space"):
                return False
        return False

    def is_unit(self, word: str) -> bool:
        """A word behind a number, if the run of such words is short; a preposition among them only
        if a sign ends the run."""
        if self.now.words >= RUN or word in CONJUNCTIONS:
            return False
        if word not in PREPOSITIONS:
            return True
        for offset in range(1, 2 * (RUN - self.now.words) + 1):
            kind, piece = self.around(offset)
            if kind in ("operator", "relation", "unitratio") or piece == "x":
                return True
            if kind not in ("word", "space") or piece.lower() in CONJUNCTIONS:
                return False
        return False

    def is_name(self, piece: str) -> bool:
        """A single letter next to a sign or glued to a number is a variable; behind a number and a
        space only where it is no unit."""
        if len(piece) != 1 or piece not in LETTER:
            return False
        before, after = self.around(-1)[0], self.around(1)[0]
        if before in ("number", "close", "operator") or after in ("operator", "close", "open"):
            return True
        signed = self.now.last in ("operator", "relation", "open") or self.solid(1)[0] in (
            "relation",
            "operator",
        )
        unit = self.now.last == "number" and piece.islower() and piece in units.SHORT
        return signed and not unit

    def applied(self) -> str:
        """The mark of a name that a bracket follows without a space."""
        return GLUE if self.around(1)[1] == "(" else ""
