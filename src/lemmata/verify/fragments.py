"""Cuts the arithmetic out of running text: "She sells 9 eggs * $2 = $18 a day" → "9 * 2 = 18".

Words behind a number are its unit and are left out; any other word ends the fragment. A side of
which a part is lost ("the girls + 4 = 6") is dropped: what is unsure is not checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lemmata.verify import units
from lemmata.verify.pieces import BRACKETED, CONJUNCTIONS, FUNCTIONS, PUNCTUATION, SIGNS
from lemmata.verify.surroundings import GLUE, LABELS, NUMBER_NOUNS, Opened, Surroundings

_FRACTION = re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}")
_SPACED_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})((?: \d{3})+)(?!\d|[.,]\d|\s*/\s*\d)")
_GOING_ON = re.compile(r"(\.\d+)(?:\.{3}|…)(%)")
"""8.333...%"""
_DIVIDED_FRACTION = re.compile(r"(?<=/ )(\d+/\d+)(?![\d.])")
_TEX_SIGNS = ((r"\times", "*"), (r"\cdot", "*"), (r"\div", "/"), (r"\left", ""), (r"\right", ""))


@dataclass
class Fragment:
    """A chain of relations: its text without units, the text as it stood, and the units."""

    text: str
    shown: str
    units: tuple[str, ...]


def plain(formula: str) -> str:
    """A formula without relation, in signs that running text uses."""
    for _ in range(4):
        formula = _FRACTION.sub(r"((\1)/(\2))", formula)
    for command, sign in _TEX_SIGNS:
        formula = formula.replace(command, sign)
    return formula


def chains(text: str) -> list[Fragment]:
    """Every chain with a relation and a value on each side. Linear in the length."""
    text = _GOING_ON.sub(r"\1\2", text)
    text = _SPACED_THOUSANDS.sub(lambda m: m[1] + m[2].replace(" ", ""), text)
    return _Cutter(_DIVIDED_FRACTION.sub(r"(\1)", text)).run()


class _Cutter(Surroundings):
    """Walks over the tokens; `now` is the fragment being read, `out` those that are done."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
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

    def _restart(self, cut: bool = False) -> None:
        self._close(truncated=cut)
        self.now = Opened(cut=cut)

    def _number(self, piece: str) -> None:
        digits = re.sub(r"[US$\\, ]", "", piece)
        now = self.now
        if digits[:1] == "0" and digits.isdigit() and len(digits) > 1:  # 0900 is a time of day
            self._restart(cut=True)
            return
        if self.is_fraction_of_mixed(digits):
            now.parts[-1] += f" {digits}"
            now.shown.append(piece)
            return
        if now.last in ("number", "close", "name") and now.parts[-1] != "}":
            # "5 feet 6 inches = 66": one quantity; "60 megabytes take 60/5": a new beginning
            measured = not now.words or bool(units.of_word(now.units[-1]).dimension)
            self._restart()
            self.now.cut = measured
        if self.is_glued_to_a_letter():  # A3, b1: the number is part of a name
            self._restart(cut=True)
        if not self.now.parts:
            before = self.solid(-1)
            word = before[1].lower()
            self.now.named = (
                before[0] == "word" and word not in CONJUNCTIONS | NUMBER_NOUNS and len(word) > 1
            )
            self.now.cut |= before[0] == "word" and word.removesuffix("s") in LABELS
        self.now.add("number", digits, piece)

    def _sign(self, kind: str, piece: str) -> None:
        now = self.now
        if not now.parts and kind in ("relation", "operator", "close"):
            binary = self.around(1)[0] == "space" and self.solid(-1)[0] in (
                "word",
                "close",
                "other",
            )
            if piece not in ("-", "|") or binary:
                now.cut |= kind == "operator"
                return
        if piece == "(" and self.is_aside():  # glued to a number, it is a factor that is lost
            self._close(truncated=self.around(-1)[0] == "number")
            self.now = Opened(cut=True)
            return
        if piece == "/" and self.around(-1)[0] == "word":  # degrees/5: per five degrees
            self.now = Opened(cut=True)
            return
        if kind == "relation" and now.kinds == ["number"] and (now.words or now.named):
            now.cut = True  # "60 kW of power = …", "Week 2 = …": a name for what follows
        if piece in ("+", "*", "/") and now.last == "operator" and now.parts[-1] not in ("!", "|"):
            now.cut = True  # "1 meat *+1 vegetable": nobody knows
        now.add(kind, SIGNS.get(piece, piece), piece)

    def _other(self, piece: str) -> None:
        if piece == "," and self.now.parts.count("(") > self.now.parts.count(")"):  # gcd(12, 18)
            self.now.add("operator", ",", ",")
            return
        if piece in "°′" and self.now.last in ("number", "close"):
            self._degrees(piece)
            return
        self._restart(cut=piece not in PUNCTUATION or (piece == ":" and self.is_ratio()))

    def _degrees(self, shown: str) -> None:
        """Behind the argument of a function the sign is a factor; else a unit like any other."""
        now = self.now
        if "function" in now.kinds:
            now.parts[-1] += " \\degree"
        now.units.append("degree")
        now.shown.append(shown)

    def _arrow(self, _: str) -> None:
        self._restart()

    def _unknown(self, _: str) -> None:
        """A TeX command that may do anything to what stands beside it."""
        self._restart(cut=True)

    def _word(self, piece: str) -> None:
        now, after = self.now, self.solid(1)[0]
        if piece in ("x", "X") and now.last in ("number", "close") and after in ("number", "open"):
            now.add("operator", "*", piece)
        elif piece in ("x", "X") and not now.parts and after == "number":
            now.cut = True  # "1/4 of an item x 100": a factor is lost
        elif piece in FUNCTIONS or (piece in BRACKETED and self.around(1)[1] == "("):
            now.add("operator" if piece == "mod" else "function", piece, piece)
        elif self.is_name(piece):
            if now.last == "number" and now.words:  # "in 5 years A + 5 = …"
                self._restart(cut=True)
            self.now.add("name", piece + self.applied(), piece)
        elif self.is_unsure(piece):
            self._restart(cut=True)
        elif now.last in ("number", "close") and piece in ("degrees", "degree", "度"):
            now.words += 1
            self._degrees(piece)
        elif now.last in ("number", "close", "name") and self.is_unit(piece.lower()):
            now.words += 1
            now.units.append(piece.lower())
            now.shown.append(piece)
        elif now.parts or piece not in ("the", "a", "an"):  # "phi(10)" is no "(10)"
            led = piece == "to" and "operator" in now.kinds and "relation" not in now.kinds
            self._restart(cut=led or now.last == "operator" or self.around(1)[1] == "(")

    def _indexed(self, piece: str) -> None:
        """x_1, a_(n+1)"""
        name = piece.replace("(", "{").replace(")", "}")
        self.now.add("name", name + self.applied(), piece)

    def _unit_ratio(self, piece: str) -> None:
        """ "miles/hour" and "$2/apple" are units; "12/x" is a quotient."""
        word, now = piece[1:].strip(), self.now
        if len(word) == 1 and now.last in ("number", "close", "name") and not now.words:
            now.add("operator", "/", "/")
            now.add("name", word, word)
        elif now.last in ("number", "close") and len(word) > 1:
            now.units.append(word.lower())
            now.shown.append(piece)
        else:  # "8 bags / Y"
            self._restart(cut=True)

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
        if _opens_behind_a_number(parts, kinds):
            return
        shown = "".join(self.now.shown).strip()
        text = " ".join(_balanced(parts)).replace(f"{GLUE} ( ", "(").replace(GLUE, "")
        self.out.append(Fragment(text, shown, tuple(self.now.units)))


def _opens_behind_a_number(parts: list[str], kinds: list[str]) -> bool:
    """1(192 = 192: without its end, that bracket can mean anything."""
    if parts.count("(") == parts.count(")"):
        return False
    return any(
        kind == "number" and after == "(" for kind, after in zip(kinds, parts[1:], strict=False)
    )


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
