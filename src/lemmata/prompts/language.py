"""Which language a text is in, as far as prompts need to know: Chinese or English."""

from __future__ import annotations

import re
from typing import Literal

Language = Literal["en", "zh"]

_FORMULA = re.compile(r"\$[^$]*\$|\\\(.*?\\\)|\\\[.*?\\\]|\\[a-zA-Z]+", re.DOTALL)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[A-Za-z]{2,}")


def detect(text: str) -> Language:
    """`zh` where Han characters outweigh Latin words outside formulas, else `en`.

    A Chinese word is about two characters long, so two of them weigh as much as one Latin word.
    """
    prose = _FORMULA.sub(" ", text)
    han, words = len(_HAN.findall(prose)), len(_WORD.findall(prose))
    return "zh" if han > 0 and han / 2 >= words / 2 else "en"
