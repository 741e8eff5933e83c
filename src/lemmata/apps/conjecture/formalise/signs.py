"""A formula as a list of signs: LaTeX, Unicode and ASCII become one alphabet."""

from __future__ import annotations

import re

from lemmata.errors import BadInput

MAX_FORMULA = 1000

_UNICODE = {
    "≤": "<=", "⩽": "<=", "≥": ">=", "⩾": ">=", "≠": "!=", "·": "*", "×": "*", "−": "-", "–": "-",
    "÷": "/", "∣": r"\mid ", "∤": r"\nmid ", "≡": r"\equiv ", "√": r"\sqrt ", "π": r"\pi ",
    "φ": r"\varphi ", "ϕ": r"\varphi ", "σ": r"\sigma ", "τ": r"\tau ", "μ": r"\mu ", "µ": r"\mu ",
    "λ": r"\lambda ", "ω": r"\omega ", "Ω": r"\Omega ", "⌊": r"\lfloor ", "⌋": r"\rfloor ",
    "⌈": r"\lceil ", "⌉": r"\rceil ", "∑": r"\sum ", "∏": r"\prod ", "（": "(", "）": ")",
    "，": ",", "＋": "+", "＝": "=", "＜": "<", "＞": ">", "χ": r"\chi ", "α": r"\alpha ",
    "Δ": r"\Delta ", "δ": r"\delta ", "…": "...", "⋯": "...",
}  # fmt: skip
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹ⁿᵏ", "0123456789nk")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉ₙₖ", "0123456789nk")
_SIGN = re.compile(
    r"\s*(\d+(?:\.\d+)?|\\[A-Za-z]+|[A-Za-z]+|<=|>=|!=|\.\.\.|[-+*/^=<>(){}\[\]|!,_])"
)
_SILENT = re.compile(
    r"\\(?:left|right|bigl|bigr|Bigl|Bigr|big|Big|displaystyle|limits|,|;|:|!|quad|qquad)"
    r"(?![A-Za-z])|\$|\\[()\[\]]|~"
)


class NotAFormula(BadInput):
    """The text is not a formula; the caller may still understand it as words."""


def signs(text: str) -> list[str]:
    """The signs, and "" behind the last. Raises NotAFormula."""
    if len(text) > MAX_FORMULA:
        raise NotAFormula(f"a formula of {len(text)} characters, over {MAX_FORMULA}")
    for odd, plain in _UNICODE.items():
        text = text.replace(odd, plain)
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹ⁿᵏ]+", lambda m: f"^{{{m[0].translate(_RAISED)}}}", text)
    text = re.sub(r"[₀₁₂₃₄₅₆₇₈₉ₙₖ]+", lambda m: f"_{{{m[0].translate(_LOWERED)}}}", text)
    text = re.sub(r"\\(?:operatorname|mathrm|text|mathit)\s*\{([A-Za-z]+)\}", r" \1 ", text)
    text = re.sub(r"\\[tdc]frac", r"\\frac", text)
    text = re.sub(r"\\[lc]?dots[bc]?(?![A-Za-z])", "...", text)
    text = re.sub(r"\\(?:p|b)?mod(?![A-Za-z])", " mod ", _SILENT.sub(" ", text))
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        match = _SIGN.match(text, at)
        if match is None:
            raise NotAFormula(f"{text[at : at + 20]!r} is no formula")
        found.append(match[1])
        at = match.end()
    if not found:
        raise NotAFormula("an empty formula")
    return [*found, ""]


class Cursor:
    """Goes through signs one by one; "" is behind the last."""

    def __init__(self, signs: list[str]) -> None:
        self._signs = signs
        self._at = 0

    @property
    def next(self) -> str:
        return self._signs[self._at]

    def take(self, *texts: str) -> str | None:
        if self.next and self.next in texts:
            self._at += 1
            return self._signs[self._at - 1]
        return None

    def need(self, text: str) -> None:
        if not self.take(text):
            raise NotAFormula(f"expected {text!r}, found {self.next!r}")

    def end(self) -> None:
        if self.next:
            raise NotAFormula(f"{self.next!r} does not belong to a formula")
