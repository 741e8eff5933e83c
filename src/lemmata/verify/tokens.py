"""Cuts normalised text into tokens: numbers, names, words, TeX commands, signs.

Numbers keep their spelling (thousands joined). A comma between digits is a thousands mark outside
brackets, a separator inside them: (12,345) is a pair, 12,345 one number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FUNCTION_NAMES = """sin cos tan cot sec csc arcsin arccos arctan arccot asin acos atan sinh cosh
    tanh coth sech csch log ln lg exp sqrt cbrt abs floor ceil gcd lcm max min det arg sgn Re Im
    factorial cis"""
FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
_NAMES = {
    "pi": "\\pi",
    "infinity": "\\infty",
    "inf": "\\infty",
    "oo": "\\infty",
    "infty": "\\infty",
}
_LOGIC = {"or": "or", "and": "and", "union": "\\cup", "in": "\\in", "mod": "mod", "to": "to"}
_GREEK_NAMES = """alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa
    lambda mu nu xi rho sigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma
    Phi Psi Omega ell"""
GREEK = frozenset(_GREEK_NAMES.split())
_COMMANDS = {
    "\\times": "*", "\\cdot": "*", "\\ast": "*", "\\div": "/", "\\over": "over", "\\leq": "<=",
    "\\le": "<=",
    "\\leqslant": "<=", "\\geq": ">=", "\\ge": ">=", "\\geqslant": ">=", "\\lt": "<", "\\gt": ">",
    "\\ne": "!=",
    "\\neq": "!=", "\\to": "to", "\\rightarrow": "to", "\\Rightarrow": "to", "\\implies": "to",
    "\\lor": "or", "\\vee": "or", "\\land": "and", "\\wedge": "and", "\\mid": "|", "\\vert": "|",
    "\\lvert": "|",
    "\\rvert": "|", "\\|": "|", "\\colon": ":", "\\lbrace": "\\{", "\\rbrace": "\\}",
    "\\lbrack": "[",
    "\\rbrack": "]", "\\varnothing": "\\emptyset", "\\O": "\\emptyset",
    "\\backslash": "\\setminus", "\\percent": "%", "\\prime": "'", "\\ldots": "...",
    "\\cdots": "...", "\\dots": "...",
    "\\cong": "\\approx", "\\simeq": "\\approx", "\\sim": "\\approx", "\\thickapprox": "\\approx",
    "\\deg": "\\degree", "\\dbinom": "\\binom", "\\tbinom": "\\binom", "\\arcctg": "\\arccot",
    "\\tg": "\\tan", "\\ctg": "\\cot",
}  # fmt: skip
_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<command>\\[A-Za-z]+|\\[{}|%&#$_])|«(?P<quoted>[^«»]*)»"
    r"|(?P<word>[A-Za-z]+)|(?P<sign>\*\*|<=|>=|!=|==|=<|=>|->|\.{3}|//|\\\\|[-+*/^_=<>()\[\]{}|,;:!%'&\"])"
)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?")
_SPACED = re.compile(r"\d{1,3}(?: \d{3})+(?![\d/])(?:\.\d+)?")
_SIGNS = {"**": "^", "==": "=", "=<": "<=", "=>": "to", "->": "to", "//": "/"}


class Unreadable(Exception):
    """The text is not in the grammar; it may still be a text answer or the algebra system's."""


@dataclass(frozen=True, slots=True)
class Token:
    """`kind`: number, name (one letter or a TeX letter), function, word, sign or end."""

    kind: str
    text: str
    spaced: bool = False
    """White space stood before it."""
    start: int = 0


def tokens(text: str, thousands: bool = True) -> list[Token]:
    """Raises Unreadable at a character outside the grammar. Linear in the length."""
    out: list[Token] = []
    at, depth, spaced = 0, 0, False
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise Unreadable(f"unexpected {text[at]!r}")
        kind, piece = match.lastgroup or "", match[0]
        if kind == "number":
            piece = _whole_number(text, at, piece, depth, thousands)
        end = at + len(piece)
        if kind == "space":
            spaced, at = True, end
            continue
        for token in _classify(kind, piece, match):
            out.append(Token(token[0], token[1], spaced, at))
            spaced = False
        if piece in ("(", "[", "\\{", "{"):
            depth += piece != "{" or _is_set(text, at)
        elif piece in (")", "]", "\\}", "}"):
            depth = max(0, depth - 1) if piece != "}" else depth
        at, spaced = end, False
    out.append(Token("end", "", spaced, len(text)))
    return out


def _is_set(text: str, at: int) -> bool:
    """A plain brace that opens the answer is a set; elsewhere it groups."""
    return not text[:at].strip()


def _whole_number(text: str, at: int, piece: str, depth: int, thousands: bool) -> str:
    grouped = _GROUPED.match(text, at)
    if grouped and thousands and (depth == 0 or ",0" in grouped[0]) and text[at] != "0":
        return grouped[0]
    spaced = _SPACED.match(text, at)
    return spaced[0] if spaced and depth == 0 else piece


def _classify(kind: str, piece: str, match: re.Match[str]) -> list[tuple[str, str]]:
    if kind == "number":
        return [("number", piece.replace(",", "").replace(" ", ""))]
    if kind == "quoted":
        word = match["quoted"].strip()
        known = word.lower() in _LOGIC or word in FUNCTIONS
        return _split_word(word, "") if known else [("word", word)]
    if kind == "word":
        return _split_word(piece, match.string[match.end() : match.end() + 2].lstrip()[:1])
    if kind == "command":
        return [_command(piece)]
    return [("sign", _SIGNS.get(piece, piece))]


def _command(piece: str) -> tuple[str, str]:
    name = piece[1:]
    if name in FUNCTIONS:
        return "function", name
    if name in GREEK:
        return "name", name
    if name == "%":
        return "sign", "%"
    if name in ("$", "#", "&", "_"):
        raise Unreadable(f"unexpected {piece!r}")
    return "sign", _COMMANDS.get(piece, piece)


def _split_word(word: str, follows: str) -> list[tuple[str, str]]:
    """A run of letters: a function, a logical word, a name, or up to three one-letter names."""
    if word in FUNCTIONS and (word not in ("min", "max") or follows in ("(", "_", "\\", "{")):
        return [("function", word)]
    if word in _NAMES:
        return [("sign", _NAMES[word])]
    if word.lower() in _LOGIC and len(word) > 1:
        return [("sign", _LOGIC[word.lower()])]
    if word in GREEK and len(word) > 2:
        return [("name", word)]
    if len(word) == 1:
        return [("name", word)]
    return [("word", word)]
