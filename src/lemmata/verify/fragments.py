"""Cuts the arithmetic out of running text: "She sells 9 eggs * $2 = $18 a day" → "9 * 2 = 18".

Words behind a number are its unit and are left out; any other word ends the fragment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lemmata.verify import units

_TOKEN = re.compile(
    r"(?P<number>(?:(?:US)?\\?\$\s?)?\d+(?:,\d{3})*(?:\.\d+)?(?:\s?%|\\%)?|\$?\.\d+%?)"
    r"|(?P<unitratio>/\s?[A-Za-z\u4e00-\u9fff]+)"
    r"|(?P<relation><=|>=|!=|≠|≤|≥|≈|≡|=|<|>)"
    r"|(?P<command>\\(?:binom|frac|sqrt|times|cdot|div|equiv|approx|le|ge|pmod|bmod|pi)\b|\\[{}])"
    r"|(?P<operator>\*\*|[-+*/^!|])"
    r"|(?P<open>[({])|(?P<close>[)}])"
    r"|(?P<word>[A-Za-z\u4e00-\u9fff]+(?:-[A-Za-z]+)*)"
    r"|(?P<space>\s+)|(?P<other>.)",
    re.DOTALL,
)
_LETTER = frozenset("abcdefghjklmnopqrstuvwxyzABCDEFGHJKLMNOPQRSTUVWXYZ")
_CONJUNCTION_WORDS = """
    and or so then into is are was were which that because since if but he she they it we i than who
    when where while after before not will would has have had be cost costs
    和 与 所以 因此 那么 是 则 共 了 还
"""
_CONJUNCTIONS = frozenset(_CONJUNCTION_WORDS.split())
_PREPOSITIONS = frozenset(
    [
        "of",
        "in",
        "on",
        "at",
        "to",
        "from",
        "with",
        "by",
        "as",
        "per",
        "each",
        "the",
        "a",
        "an",
        "for",
        "more",
        "less",
    ]
)
RUN = 4
"""Words behind a number that may be its unit, prepositions among them."""
_FUNCTIONS = frozenset(("sqrt", "sin", "cos", "tan", "log", "ln", "gcd", "lcm", "mod"))
_SIGNS = {"≠": "\\ne ", "≤": "<=", "≥": ">=", "≈": "\\approx ", "≡": "\\equiv "}
_FRACTION = re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}")


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
    cut: bool = False
    """The number before its first one stood beside it without a sign: the first side is unsure."""

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
    for command, sign in (
        (r"\times", "*"),
        (r"\cdot", "*"),
        (r"\div", "/"),
        (r"\left", ""),
        (r"\right", ""),
    ):
        formula = formula.replace(command, sign)
    return formula


def chains(text: str) -> list[Fragment]:
    """Every chain with a relation and a value on each side. Linear in the length."""
    out: list[Fragment] = []
    now = _Open()
    tokens = [(m.lastgroup or "", m[0]) for m in _TOKEN.finditer(text)]
    for at, (kind, piece) in enumerate(tokens):
        if kind == "space":
            now.shown.append(" ") if now.parts else None
            continue
        now = _read(now, kind, piece, tokens, at, out)
    _close(now, out)
    return out


def _read(
    now: _Open, kind: str, piece: str, tokens: list[tuple[str, str]], at: int, out: list[Fragment]
) -> _Open:
    if kind == "number":
        return _number(now, piece, tokens, at, out)
    if kind == "word":
        return _word(now, piece, tokens, at, out)
    if kind == "unitratio":
        return _unit_ratio(now, piece, tokens, at, out)
    if kind in ("relation", "operator", "close", "command", "open"):
        if kind in ("relation", "operator", "close") and not now.parts and piece not in ("-", "|"):
            now.cut |= kind == "operator"
            return now
        if piece == "(" and _aside(tokens, at):
            return _Open()
        if piece == "/" and tokens[at - 1][0] == "word":  # degrees/5: per five degrees
            return _Open(cut=True)
        if kind == "relation" and now.kinds == ["number"] and now.words > 1:
            return _Open()  # "60 kW of power = …" names what follows
        now.add(kind, _SIGNS.get(piece, piece), piece)
        return now
    if piece == "," and now.parts.count("(") > now.parts.count(")"):  # gcd(12, 18)
        now.add("operator", ",", ",")
        return now
    return _restart(now, out)


def _aside(tokens: list[tuple[str, str]], at: int) -> bool:
    """Words in brackets behind a value: "A (how many Alyssa ate)"."""
    inside = next((t for t in tokens[at + 1 : at + 3] if t[0] != "space"), ("", ""))
    return inside[0] == "word" and len(inside[1]) > 1 and inside[1] not in _FUNCTIONS


def _number(
    now: _Open, piece: str, tokens: list[tuple[str, str]], at: int, out: list[Fragment]
) -> _Open:
    digits = (
        piece.replace("US", "").replace("$", "").replace("\\", "").replace(",", "").replace(" ", "")
    )
    if digits[:1] == "0" and digits.isdigit() and len(digits) > 1:  # 0900 is a time of day
        return _restart(now, out)
    if _mixed(now, digits, tokens, at):
        now.parts[-1] += f" {digits}"
        now.shown.append(piece)
        return now
    beside = now.last in ("number", "close", "name") and now.parts[-1] != "}"
    if beside:
        measured = not now.words or units.of_word(now.units[-1]).dimension != ""
        now = _restart(now, out)
        now.cut = measured
    elif at and tokens[at - 1][1] == ":":
        now.cut = True
    now.add("number", digits, piece)
    return now


def _mixed(now: _Open, digits: str, tokens: list[tuple[str, str]], at: int) -> bool:
    """The fraction of 1 1/2."""
    return (
        now.last == "number"
        and not now.words
        and digits.isdigit()
        and now.parts[-1].isdigit()
        and [piece for _, piece in tokens[at + 1 : at + 2]] == ["/"]
        and tokens[at + 2 : at + 3] != []
        and tokens[at + 2][0] == "number"
    )


def _word(
    now: _Open, piece: str, tokens: list[tuple[str, str]], at: int, out: list[Fragment]
) -> _Open:
    before = tokens[at - 1][0] if at else ""
    after = tokens[at + 1][0] if at + 1 < len(tokens) else ""
    if (
        piece == "x"
        and now.last in ("number", "close")
        and _next_solid(tokens, at) in ("number", "open")
        and after in ("space", "number", "open")
    ):
        now.add("operator", "*", piece)
        return now
    if piece in _FUNCTIONS:
        now.add("operator" if piece == "mod" else "function", f" {piece} ", piece)
        return now
    if _is_name(now, piece, before, after, _next_solid(tokens, at)):
        now.add("name", piece, piece)
        return now
    if now.last in ("number", "close", "name") and _is_unit(now, piece.lower(), tokens, at):
        now.words += 1
        now.units.append(piece.lower())
        now.shown.append(piece)
        return now
    return _restart(now, out)


def _is_unit(now: _Open, word: str, tokens: list[tuple[str, str]], at: int) -> bool:
    """A word behind a number, if the run of such words is short; a preposition among them only if
    a sign ends the run."""
    if now.words >= RUN or word in _CONJUNCTIONS:
        return False
    if word not in _PREPOSITIONS:
        return True
    for kind, piece in tokens[at + 1 : at + 2 * (RUN - now.words) + 1]:
        if kind in ("operator", "relation"):
            return True
        if kind not in ("word", "space") or piece.lower() in _CONJUNCTIONS:
            return False
    return False


def _is_name(now: _Open, piece: str, before: str, after: str, following: str) -> bool:
    """A single letter next to a sign or glued to a number is a variable."""
    if len(piece) != 1 or piece not in _LETTER:
        return False
    glued = before in ("number", "close", "operator") or after in ("operator", "close", "open")
    signed = now.last in ("operator", "relation", "open") or following in ("relation", "operator")
    return glued or (signed and now.last != "number")


def _next_solid(tokens: list[tuple[str, str]], at: int) -> str:
    return next((kind for kind, _ in tokens[at + 1 : at + 3] if kind != "space"), "")


def _unit_ratio(
    now: _Open, piece: str, tokens: list[tuple[str, str]], at: int, out: list[Fragment]
) -> _Open:
    """ "miles/hour" and "$2/apple" are units; "12/x" is a quotient."""
    word = piece[1:].strip()
    if len(word) == 1 and now.last in ("number", "close", "name") and not now.words:
        now.add("operator", "/", "/")
        return _word(now, word, tokens, at, out)
    if now.last in ("number", "close"):
        now.units.append(word.lower())
        now.shown.append(piece)
        return now
    return _restart(now, out)


def _restart(now: _Open, out: list[Fragment]) -> _Open:
    _close(now, out)
    return _Open()


def _close(now: _Open, out: list[Fragment]) -> None:
    """Keep the chain if a value stands on each side of a relation."""
    parts, kinds = now.parts, now.kinds
    while kinds and (kinds[-1] in ("operator", "relation", "open") and parts[-1] not in ("!", "|")):
        parts.pop()
        kinds.pop()
    if now.cut and "relation" in kinds:
        first = kinds.index("relation")
        parts, kinds = parts[first + 1 :], kinds[first + 1 :]
    while kinds and kinds[0] == "relation":
        parts, kinds = parts[1:], kinds[1:]
    if ("relation" not in kinds and "\\equiv" not in parts) or len(parts) > 400:
        return
    parts = _balanced(parts)
    out.append(Fragment(" ".join(parts), "".join(now.shown).strip(), tuple(now.units)))


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
