"""The language that most of a text is in, for shares and for answers in the wrong one.

`en` stands for any text in Latin letters: the two are told apart by script, not by vocabulary.
"""

from __future__ import annotations

import re
from typing import Literal

from lemmata.prompts.language import detect

Spoken = Literal["en", "zh", "other", "none"]

_FORMULA = re.compile(r"\$[^$]*\$|\\\(.*?\\\)|\\\[.*?\\\]|\\[a-zA-Z]+", re.DOTALL)
_LETTER = re.compile(r"[^\W\d_]")
_KNOWN = re.compile(r"[A-Za-z\u00c0-\u024f\u3400-\u9fff\uf900-\ufaff]")
_PROSE = re.compile(r"[A-Za-z]{3,}|[\u3400-\u9fff]")


def spoken(text: str) -> Spoken:
    """`none` for a text of formulas only; `other` where other scripts make up a fifth of it."""
    prose = _FORMULA.sub(" ", text)
    letters, known = len(_LETTER.findall(prose)), len(_KNOWN.findall(prose))
    if letters - known > letters / 5:
        return "other"
    return detect(text) if _PROSE.search(prose) else "none"
