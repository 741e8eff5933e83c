"""Cuts the arithmetic out of running text: "She sells 9 eggs * $2 = $18 a day" → "9 * 2 = 18".

Words behind a number are its unit and are left out; any other word ends the fragment. A side of
which a part is lost ("the girls + 4 = 6") is dropped: what is unsure is not checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lemmata.verify import units
from lemmata.verify.pieces import (
    BRACKETED,
    CONJUNCTIONS,
    FUNCTIONS,
    LETTER,
    PREPOSITIONS,
    PUNCTUATION,
    SIGNS,
    TOKEN,
)

_FRACTION = re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}")
_SPACED_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})((?: \d{3})+)(?!\d|[.,]\d|\s*/\s*\d)")
_DIVIDED_FRACTION = re.compile(r"(?<=/ )(\d+/\d+)(?![\d.])")
_TEX_SIGNS = ((r"\times", "*"), (r"\cdot", "*"), (r"\div", "/"), (r"\left", ""), (r"\right", ""))
_GLUE = "\x01"
_NUMBER_NOUNS = frozenset(("number", "integer", "value", "that", "get", "have", "also"))
"""Words before a number that give it no name."""
RUN = 4
"""Words behind a number that may be its unit, prepositions among them."""


@dataclass
class Fragment:
    """A chain of relations: its text without units, the text as it stood, and the units."""

    text: str
    shown: str
    units: tuple[str, ...]


@dataclass
class _Open:
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


def plain(formula: str) -> str:
    """A formula without relation, in signs that running text uses."""
    for _ in range(4):
        formula = _FRACTION.sub(r"((\1)/(\2))", formula)
    for command, sign in _TEX_SIGNS:
        formula = formula.replace(command, sign)
    return formula


def chains(text: str) -> list[Fragment]:
    """Every chain with a relation and a value on each side. Linear in the length."""
    text = _SPACED_THOUSANDS.sub(lambda m: m[1] + m[2].replace(" ", ""), text)
    return _Cutter(_DIVIDED_FRACTION.sub(r"(\1)", text)).run()


class _Cutter:
    """Walks over the tokens; `now` is the fragment being read, `out` those that are done."""

    def __init__(self, text: str) -> None:
        self.tokens = [(m.lastgroup or "", m[0]) for m in TOKEN.finditer(text)]
        self.at = 0
        self.now = _Open()
        self.out: list[Fragment] = []

    def run(self) -> list[Fragment]:
        readers = {
            "number": self._number,
            "word": self._word,
            "unitratio": self._unit_ratio,
            "name": self._indexed,
            "arrow": self._arrow,
            "unknown": self._unknown,
        }
        for at, (kind, piece) in enumerate(self.tokens):
            self.at = at
            if kind == "space":
                self.now.shown.append(" ") if self.now.parts else None
            elif kind in readers:
                readers[kind](piece)
            elif kind == "other":
                self._other(piece)
            else:
                self._sign(kind, piece)
        self._close()
        return self.out

    def _around(self, offset: int) -> tuple[str, str]:
        at = self.at + offset
        return self.tokens[at] if 0 <= at < len(self.tokens) else ("", "")

    def _solid(self, step: int) -> tuple[str, str]:
        """The nearest token before (-1) or after (1) that is no space."""
        near = self._around(step)
        return near if near[0] != "space" else self._around(2 * step)

    def _restart(self, cut: bool = False) -> None:
        self._close(truncated=cut)
        self.now = _Open(cut=cut)

    def _number(self, piece: str) -> None:
        digits = re.sub(r"[US$\\, ]", "", piece)
        now = self.now
        if digits[:1] == "0" and digits.isdigit() and len(digits) > 1:  # 0900 is a time of day
            self._restart(cut=True)
            return
        if self._is_fraction_of_mixed(digits):
            now.parts[-1] += f" {digits}"
            now.shown.append(piece)
            return
        if now.last in ("number", "close", "name") and now.parts[-1] != "}":
            # "5 feet 6 inches = 66": one quantity; "60 megabytes take 60/5": a new beginning
            measured = not now.words or bool(units.of_word(now.units[-1]).dimension)
            self._restart()
            self.now.cut = measured
        if self._is_glued_to_a_letter():  # A3, b1: the number is part of a name
            self._restart(cut=True)
        if not self.now.parts:
            before = self._solid(-1)
            word = before[1].lower()
            self.now.named = (
                before[0] == "word" and word not in CONJUNCTIONS | _NUMBER_NOUNS and len(word) > 1
            )
        self.now.add("number", digits, piece)

    def _is_glued_to_a_letter(self) -> bool:
        kind, piece = self._around(-1)
        return kind == "word" and piece.isascii() and self.now.last != "operator"

    def _is_fraction_of_mixed(self, digits: str) -> bool:
        """The 1 of 1/2 in 1 1/2."""
        now = self.now
        whole = now.last == "number" and not now.words and now.parts[-1].isdigit()
        return (
            whole
            and digits.isdigit()
            and self._around(1)[1] == "/"
            and self._around(2)[0] == "number"
        )

    def _sign(self, kind: str, piece: str) -> None:
        now = self.now
        if not now.parts and kind in ("relation", "operator", "close"):
            binary = self._around(1)[0] == "space" and self._solid(-1)[0] in (
                "word",
                "close",
                "other",
            )
            if piece not in ("-", "|") or binary:
                now.cut |= kind == "operator"
                return
        if piece == "(" and self._is_aside():
            self._restart()
            self.now.cut = True
            return
        if piece == "/" and self._around(-1)[0] == "word":  # degrees/5: per five degrees
            self.now = _Open(cut=True)
            return
        if kind == "relation" and now.kinds == ["number"] and (now.words or now.named):
            now.cut = True  # "60 kW of power = …", "Week 2 = …": a name for what follows
        now.add(kind, SIGNS.get(piece, piece), piece)

    def _is_aside(self) -> bool:
        """Words in brackets, or a bracket behind a unit or a result: "4 (15 minutes)"."""
        after = self._solid(1)
        if after[1] == "mod":
            return False
        wordy = after[0] == "word" and len(after[1]) > 1 and after[1] not in FUNCTIONS | BRACKETED
        now = self.now
        behind_result = (
            now.last == "number"
            and len(now.kinds) > 1
            and now.kinds[-2] == "relation"
            and self._around(-1)[0] == "space"
        )
        return wordy or now.words > 0 or behind_result

    def _other(self, piece: str) -> None:
        if piece == "," and self.now.parts.count("(") > self.now.parts.count(")"):  # gcd(12, 18)
            self.now.add("operator", ",", ",")
            return
        if piece in "°′" and self.now.last in ("number", "close"):
            self.now.units.append("degree")
            return
        self._restart(cut=piece not in PUNCTUATION or (piece == ":" and self._is_ratio()))

    def _is_ratio(self) -> bool:
        """3:4 and 3 : 4, but not "Step 2: 4 + 5"."""
        before, after = self._solid(-1), self._solid(1)
        known = before[0] in ("number", "name") or (len(before[1]) == 1 and before[1] in LETTER)
        symmetric = (self._around(-1)[0] == "space") == (self._around(1)[0] == "space")
        return known and symmetric and after[0] in ("number", "name", "open", "word")

    def _arrow(self, _: str) -> None:
        self._restart()

    def _unknown(self, _: str) -> None:
        """A TeX command that may do anything to what stands beside it."""
        self._restart(cut=True)

    def _word(self, piece: str) -> None:
        now, after = self.now, self._solid(1)[0]
        if piece in ("x", "X") and now.last in ("number", "close") and after in ("number", "open"):
            now.add("operator", "*", piece)
        elif piece in FUNCTIONS or (piece in BRACKETED and self._around(1)[1] == "("):
            now.add("operator" if piece == "mod" else "function", piece, piece)
        elif self._is_name(piece):
            now.add("name", piece + self._applied(), piece)
        elif now.last in ("number", "close", "name") and self._is_unit(piece.lower()):
            now.words += 1
            now.units.append(piece.lower())
            now.shown.append(piece)
        else:  # "phi(10)" is no "(10)"
            self._restart(cut=now.last == "operator" or self._around(1)[1] == "(")

    def _is_unit(self, word: str) -> bool:
        """A word behind a number, if the run of such words is short; a preposition among them only
        if a sign ends the run."""
        if self.now.words >= RUN or word in CONJUNCTIONS:
            return False
        if word not in PREPOSITIONS:
            return True
        for offset in range(1, 2 * (RUN - self.now.words) + 1):
            kind, piece = self._around(offset)
            if kind in ("operator", "relation") or piece == "x":
                return True
            if kind not in ("word", "space") or piece.lower() in CONJUNCTIONS:
                return False
        return False

    def _is_name(self, piece: str) -> bool:
        """A single letter next to a sign or glued to a number is a variable; behind a number and a
        space only where it is no unit."""
        if len(piece) != 1 or piece not in LETTER:
            return False
        before, after = self._around(-1)[0], self._around(1)[0]
        if before in ("number", "close", "operator") or after in ("operator", "close", "open"):
            return True
        signed = self.now.last in ("operator", "relation", "open") or self._solid(1)[0] in (
            "relation",
            "operator",
        )
        unit = self.now.last == "number" and piece.islower() and piece in units.SHORT
        return signed and not unit

    def _indexed(self, piece: str) -> None:
        """x_1, a_(n+1)"""
        name = piece.replace("(", "{").replace(")", "}")
        self.now.add("name", name + self._applied(), piece)

    def _applied(self) -> str:
        """The mark of a name that a bracket follows without a space."""
        return _GLUE if self._around(1)[1] == "(" else ""

    def _unit_ratio(self, piece: str) -> None:
        """ "miles/hour" and "$2/apple" are units; "12/x" is a quotient."""
        word, now = piece[1:].strip(), self.now
        if len(word) == 1 and now.last in ("number", "close", "name") and not now.words:
            now.add("operator", "/", "/")
            now.add("name", word, word)
        elif now.last in ("number", "close"):
            now.units.append(word.lower())
            now.shown.append(piece)
        else:
            self._restart()

    def _close(self, truncated: bool = False) -> None:
        """Keep the chain if a value stands on each side of a relation."""
        parts, kinds = self.now.parts, self.now.kinds
        while (
            kinds and kinds[-1] in ("operator", "relation", "open") and parts[-1] not in ("!", "|")
        ):
            truncated |= kinds[-1] != "relation" and parts[-1] != ","
            parts.pop()
            kinds.pop()
        if truncated and "relation" in kinds:  # "98 - least score": the last side is incomplete
            last = len(kinds) - 1 - kinds[::-1].index("relation")
            parts, kinds = parts[:last], kinds[:last]
        if self.now.cut and "relation" in kinds:
            first = _first_relation(parts, kinds)
            parts, kinds = parts[first + 1 :], kinds[first + 1 :]
        while kinds and kinds[0] == "relation":
            parts, kinds = parts[1:], kinds[1:]
        if ("relation" not in kinds and "\\equiv" not in parts) or len(parts) > 400:
            return
        shown = "".join(self.now.shown).strip()
        text = " ".join(_balanced(parts)).replace(f"{_GLUE} ( ", "(").replace(_GLUE, "")
        self.out.append(Fragment(text, shown, tuple(self.now.units)))


def _first_relation(parts: list[str], kinds: list[str]) -> int:
    """Of those outside brackets; the end if there is none."""
    depth = 0
    for at, (part, kind) in enumerate(zip(parts, kinds, strict=True)):
        depth += (part == "(") - (part == ")")
        if kind == "relation" and depth <= 0:
            return at
    return len(parts)


def _balanced(parts: list[str]) -> list[str]:
    """Without brackets that never open or never close: "(16 - 3 = 13)" is cut at its ends."""
    opened: list[int] = []
    drop: set[int] = set()
    for at, part in enumerate(parts):
        if part == "(":
            opened.append(at)
        elif part == ")":
            if opened:
                opened.pop()
            else:
                drop.add(at)
    drop.update(opened)
    return [part for at, part in enumerate(parts) if at not in drop]
