"""One spelling for what writers spell in many ways: full-width forms, TeX's sizes and spaces,
Unicode operators, thousands. What it leaves is ASCII, TeX commands and «words» from \\text{}.
"""

from __future__ import annotations

import re
import unicodedata

from lemmata.verify import chinese

_SUPER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿˣ", "0123456789+-()nx")
_SUB = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋ₙₖ", "0123456789+-nk")
_SUPER_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿˣ]+")
_SUB_RUN = re.compile("[₀₁₂₃₄₅₆₇₈₉₊₋ₙₖ]+")
_VULGAR = re.compile("[¼½¾⅐-⅞]")
_UNICODE = {
    "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "×": r"\times ", "·": r"\cdot ",
    "⋅": r"\cdot ",
    "∙": r"\cdot ", "÷": r"\div ", "∕": "/", "⁄": "/", "√": r"\sqrt ", "∛": r"\cbrt ", "π": r"\pi ",
    "∞": r"\infty ", "≤": r"\le ", "≥": r"\ge ", "⩽": r"\le ", "⩾": r"\ge ", "≦": r"\le ",
    "≧": r"\ge ",
    "≠": r"\ne ", "±": r"\pm ", "∓": r"\mp ", "∪": r"\cup ", "∩": r"\cap ", "∈": r"\in ",
    "∉": r"\notin ",
    "∅": r"\emptyset ", "⌀": r"\emptyset ", "ℝ": r"\reals ", "ℤ": r"\integers ", "°": r"\degree ",
    "º": r"\degree ",
    "˚": r"\degree ", "℃": "«celsius»", "℉": "«fahrenheit»", "‰": "/1000",
    "′": "'", "″": "''", "∠": r"\angle ",
    "△": r"\triangle ", "≈": r"\approx ", "≡": r"\equiv ", "⌊": r"\lfloor ", "⌋": r"\rfloor ",
    "⌈": r"\lceil ", "⌉": r"\rceil ", "⟨": r"\langle ", "⟩": r"\rangle ", "∧": r"\land ",
    "∨": r"\lor ",
    "∖": r"\setminus ", "…": "...", "⋯": "...", "“": '"', "”": '"', "‘": "'", "’": "'", "、": ",",
    "。": ".", "【": "[", "】": "]", "〈": r"\langle ", "〉": r"\rangle ", "¥": "«yuan»",
    "￥": "«yuan»", "€": "«euro»", "£": "«pound-sterling»", "¢": "«cent»", "→": r"\to ",
    "⇒": r"\Rightarrow ", "ⅈ": "i", "ℯ": "e", "∘": r"\circ ",
}  # fmt: skip
_GREEK_NAMES = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma
    tau upsilon phi chi psi omega Delta Gamma Theta Lambda Sigma Phi Psi Omega"""
_GREEK = dict(zip("αβγδεζηθικλμνξρστυφχψωΔΓΘΛΣΦΨΩ", _GREEK_NAMES.split(), strict=True))
_TABLE = str.maketrans(_UNICODE | {letter: f"\\{name} " for letter, name in _GREEK.items()})

_WRAPPERS = re.compile(
    r"\\(?:left|right|[bB]igg?[lrm]?|displaystyle|textstyle|scriptstyle|limits|nolimits|quad|qquad"
    r"|hfill|rm|bf|it|normalsize|large|Large|(?:phantom|hspace|label)\{[^{}]*\})(?![A-Za-z])"
    r"|(?<!\\)\\[,;:!> ]|~|\\\(|\\\)|\\\[|\\\]|\$\$|(?<![\w)\]}])\*\*|\*\*(?![\w(\\{-])"
    r"|\u200b|\ufeff"
)
_THOUSANDS = re.compile(r"(?<=\d)(?:\{,\}|\\,|,?\\!|,\\,)\s*(?=\d{3})")
_TEXT = re.compile(
    r"\\(?:text|textbf|textit|textrm|textnormal|mbox|hbox|mathrm|operatorname\*?|mathit|mathbf"
    r"|mathsf|boldsymbol|bm|vec|hat|overrightarrow|mathcal|textsf|emph)\s*\{([^{}]*)\}"
)
_FRAC = re.compile(r"\\(?:dfrac|tfrac|cfrac|nicefrac|sfrac)(?![A-Za-z])")
_BINOM = re.compile(r"\\(?:dbinom|tbinom)(?![A-Za-z])")
_BLACKBOARD = re.compile(r"\\(?:mathbb|mathbf|Bbb|mathds)\s*\{?\s*([RZNQC])\s*\}?")
_RECURRING = re.compile(
    r"(\d*)\.(\d*)(?:\\(?:overline|bar|dot|overset\{\.\})\s*\{?(\d+)\}?(?:(\d*)\\dot\s*\{?(\d)\}?)?|\((\d+)\)(?!\d))"
)
_FACTORIAL_EQUALS = re.compile(r"(?<=[\d)])!=(?=\s*\d)")
_PREFIX = re.compile(
    r"^\s*(?:(?:thus|so|hence|therefore|then|finally)\s*,?\s+"
    r"|«?(?:the )?(?:final )?(?:answer|result) is»?\s*(?=[-+\d\\(.])"
    r"|«?(?:answer|ans|result|solution)»?(?:\s*[:.]\s*»?\s*:?|\s+(?=[-+\d\\(.]))"
    r"|(?:#|No\.?|Number)\s*(?=\d)|=+(?=\s*[^\s=]))",
    re.IGNORECASE,
)
_ROUNDLY = re.compile(
    r"^\s*«?(?:approximately|approx\.?|about|roughly|around|nearly)»?\s*(?=[-+\d\\$])",
    re.IGNORECASE,
)
_BOUND = re.compile(
    r"^\s*«?(?:(at least|no (?:less|fewer) than|not (?:less|fewer) than)"
    r"|(at most|no more than|not more than)|(more than|greater than)|(less than|fewer than))"
    r"»?\s*(?=[-+\d\\$])",
    re.IGNORECASE,
)
_CHOSEN = re.compile(r"(?:\{\})?[_^]\s*\{?(\d+)\}?\s*C\s*_\s*\{?(\d+)\}?")
_TRAILING_DOTS = re.compile(r"(\d*)\.(\d+?)(?:\.{3}|\\(?:dots|ldots|cdots))")
_ABBREVIATED = re.compile(r"\b(sq|cu)\.\s*(?=[a-z])")
"""sq. cm"""
_SYSTEM = re.compile(
    r"\\left\s*\\\{\s*\\begin\{(?:array|aligned|gathered)\}(?:\{[lcr|]*\})?((?:(?!\\(?:begin|end)\{).){1,1500})"
    r"\\end\{(?:array|aligned|gathered)\}\s*\\right\s*\.",
    re.DOTALL,
)
"""Equations under one brace."""
_CIRCLED = re.compile("[①-⑳](?:[、,，和 ]*[①-⑳])+")
"""①③: statements 1 and 3."""
_UNIT_FRACTION = re.compile(
    r"\\frac\{\s*«([^«»]+)»\s*\}\{\s*«([^«»]+)»\s*(\^\s*\{?\s*\d\s*\}?)?\s*\}"
)
_APOSTROPHE = re.compile(r"(?<=\d)’(?=\d{3}(?!\d))")
"""1’234’567"""
_OVERLINED = re.compile("\\.(\\d*?)((?:\\d[\u0305\u0304])+)")
_DOTTED = re.compile("\\.(\\d*?)(\\d)\u0307(?:(\\d*)(\\d)\u0307)?")
_REALS = re.compile(r"(?<![A-Za-z])R\s*(?:-|\\setminus|\\)\s*\\?\{([^{}\\]{1,200})\\?\}")
_MEMBER = re.compile(r"\\in\s*([RZN])(?![A-Za-z_])")
_DOLLAR_MONEY = re.compile(r"\\?\$\s*(?=[\d.])")
_BOX = re.compile(r"^\s*\\(?:boxed|fbox|ensuremath)\s*\{(.*)\}\s*$", re.DOTALL)
_SETS = {
    "R": r"\reals ",
    "Z": r"\integers ",
    "N": r"\naturals ",
    "Q": r"\rationals ",
    "C": r"\complexes ",
}


def normal(text: str) -> str:
    """The text in the one spelling that the reader knows. Linear in its length."""
    if not text.isascii():
        text = _to_ascii(text)
    text = _ABBREVIATED.sub(r"\1 ", text.strip())
    while match := _BOX.match(text):
        text = match[1].strip()
    if any(mark in text for mark in "\\$~*{"):
        text = _plain_tex(text)
    if "R" in text or "\\in" in text:
        text = _MEMBER.sub(
            lambda m: rf"\in {_SETS[m[1]]}", _REALS.sub(r"\\reals \\setminus \\{\1\\}", text)
        )
    text = _BOUND.sub(_bound, _ROUNDLY.sub(r"\\approx ", text))
    text = _FACTORIAL_EQUALS.sub("! =", text)
    text = _PREFIX.sub("", _CHOSEN.sub(r"\\binom{\1}{\2}", text))
    if "." in text:
        text = _RECURRING.sub(_recurring, text)
        text = _TRAILING_DOTS.sub(_going_on, text)
    text = text.strip()
    return text if text.endswith("..") else _without_stop(text)


def _bound(match: re.Match[str]) -> str:
    """At least 5 is x ≥ 5."""
    signs = ("\\ge ", "\\le ", ">", "<")
    return next(sign for sign, group in zip(signs, match.groups(), strict=True) if group)


def _without_stop(text: str) -> str:
    text = text.rstrip(".,;: \t\n")
    while text.endswith("\\\\"):
        text = text[:-2].rstrip(".,;: \t\n")
    return text


def _recurring(match: re.Match[str]) -> str:
    """0.1\\overline{6}, 0.\\dot{1}2\\dot{3} and 0.1(6) as fractions."""
    period = match[6] or match[3] + (match[4] or "") + (match[5] or "")
    return _periodic(match[1] or "0", match[2], period)


def _going_on(match: re.Match[str]) -> str:
    """0.1666…: the block that ends the digits twice or more recurs; without one, no exact value."""
    digits = match[2]
    for size in range(1, min(len(digits) // 2, 40) + 1):
        block = digits[-size:]
        if digits[-2 * size : -size] == block and (
            size > 1 or len(digits) > 2 or len(set(digits)) == 1
        ):
            return _periodic(match[1] or "0", digits[:-size], block)
    return rf"\approx {match[1] or 0}.{digits}"


def _periodic(whole: str, fixed: str, period: str) -> str:
    below = 10 ** len(fixed) * (10 ** len(period) - 1)
    above = int(whole + fixed + period) - int(whole + fixed)
    return rf"\frac{{{above}}}{{{below}}}"


def _to_ascii(text: str) -> str:
    text = _CIRCLED.sub(lambda m: ",".join(re.findall("[①-⑳]", m[0])), text)
    text = _APOSTROPHE.sub("", _VULGAR.sub(_vulgar, text))
    text = _OVERLINED.sub(lambda m: f".{m[1]}({m[2][::2]})", text)
    text = _DOTTED.sub(lambda m: f".{m[1]}({m[2]}{m[3] or ''}{m[4] or ''})", text)
    text = _SUPER_RUN.sub(lambda m: "^{" + m[0].translate(_SUPER) + "}", text)
    text = _SUB_RUN.sub(lambda m: "_{" + m[0].translate(_SUB) + "}", text)
    text = unicodedata.normalize("NFKC", text.translate(_TABLE)).translate(_TABLE)
    return chinese.to_ascii(text)


def _vulgar(match: re.Match[str]) -> str:
    top, bottom = unicodedata.normalize("NFKC", match[0]).split("⁄")
    return rf"\frac{{{top}}}{{{bottom}}}"


def _plain_tex(text: str) -> str:
    text = _SYSTEM.sub(r"\\begin{cases}\1\\end{cases}", text)
    text = _BLACKBOARD.sub(lambda m: _SETS[m[1]], text)
    text = _THOUSANDS.sub("", text)
    text = _money(text)
    text = _TEXT.sub(_word, text)
    text = _FRAC.sub(r"\\frac", text)
    text = _UNIT_FRACTION.sub(r"«\1»/«\2»\3", text)
    text = _BINOM.sub(r"\\binom", text)
    return _WRAPPERS.sub(" ", text).replace("$", " ")


def _money(text: str) -> str:
    """`\\$5` and a lone `$5` are dollars; a pair of signs is mathematics."""
    if text.count("$") - text.count(r"\$") == 1 or r"\$" in text:
        return _DOLLAR_MONEY.sub("«dollar»", text)
    return text


def _word(match: re.Match[str]) -> str:
    """One letter is a name whatever its font, except the upright letters that may be units."""
    word = match[1].strip()
    upright = match[0].startswith((r"\text", r"\mathrm", r"\mbox"))
    if len(word) == 1 and not (upright and word in "mglshLNJWVKCFA"):
        return f" {word} "
    if not any(letter.isalpha() for letter in word) or any(letter.isdigit() for letter in word):
        return f" {word} "
    return f"«{word}»"
