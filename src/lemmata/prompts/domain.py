"""Is this a problem for a reasoning model? Decided by the patterns of `domain.yaml`, no model.

A request is off-domain only where it is a piece of small talk as a whole, begins as a question of
general knowledge, or asks about a topic of the world, and nothing in it marks a problem. Whatever
is not recognised is answered: a false alarm costs more than an answer too many.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from lemmata.prompts.language import detect

Domain = Literal["problem", "small talk", "general knowledge"]
LONGEST = 160
"""Characters: a longer request is always a problem."""
_CALLED = re.compile(
    r"^(?:(?:please|hey|hi|hello|ok|okay|so|well|and|请问|请|那么?|那)[,，]?\s+"
    r"|(?:can|could|would|will) you (?:please )?|i(?: want|'d like) you to |do you know |i want to "
    r"|(?:你|您)?(?:能不能|可不可以|能|可以|会)?(?:请问|请|麻烦你?|帮我|帮忙|给我|替我|告诉我|我想知道))"
    r"|(?:[, ]+(?:please|for me|now|right now|thanks|thank you)|[，,]?(?:谢谢|好吗|可以吗|行吗))$",
    re.I,
)
_NUMBER = re.compile(
    r"\d|(?<!第)[零二两三四五六七八九十百千万亿]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven"
    r"|twelve|\w+teen|twenty|thirty|forty|fifty|hundred|thousand|million|dozen)\b",
    re.IGNORECASE,
)
_ENDS = " \t\n.!?。！？~～…,，"


@cache
def _data() -> dict[str, Any]:
    path = files("lemmata.prompts") / "domain.yaml"
    data: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return data


@cache
def _patterns(kind: str) -> tuple[re.Pattern[str], ...]:
    listed = _data()[kind]
    texts = listed if isinstance(listed, list) else [t for some in listed.values() for t in some]
    return tuple(re.compile(text, re.IGNORECASE) for text in texts)


@cache
def _words(kind: str, language: str) -> re.Pattern[str]:
    """One pattern out of a list that stands on several lines."""
    alternatives = re.sub(r"\s*\n?\s*\|\s*", "|", _data()[kind][language].strip())
    whole = rf"\b(?:{alternatives})\b" if (kind, language) == ("topics", "en") else alternatives
    return re.compile(whole, re.IGNORECASE)


def classify(text: str) -> Domain:
    """What the request is. Deterministic."""
    said = " ".join(text.split())
    if len(said) > LONGEST or any(pattern.search(said) for pattern in _patterns("problem")):
        return "problem"
    bare = said.strip(_ENDS)
    forms = _forms(bare)
    sentences = [part.strip(_ENDS) for part in re.split(r"[.!?。！？,，~～]+\s*", bare)]
    if any(map(_whole, forms)) or (
        sentences and all(any(map(_whole, _forms(s))) for s in sentences)
    ):
        return "small talk"
    if any(pattern.match(form) for form in forms for pattern in _patterns("general_knowledge")):
        return "general knowledge"
    return "general knowledge" if any(map(_of_the_world, forms)) else "problem"


def _forms(text: str) -> list[str]:
    """The request as it is and without its words of politeness, one less at a time."""
    forms = [text]
    for _ in range(3):
        forms.append(_CALLED.sub("", forms[-1], count=1).strip(_ENDS))
    return forms


def _of_the_world(text: str) -> bool:
    """Whether it asks, without a number, about a topic that is no mathematics and no program."""
    if _NUMBER.search(text):
        return False
    english = _words("asks", "en").match(text) and _words("topics", "en").search(text)
    return bool(
        english or (_words("asks", "zh").search(text) and _words("topics", "zh").search(text))
    )


def _whole(text: str) -> bool:
    return any(pattern.fullmatch(text) for pattern in _patterns("small_talk"))


def notice(text: str) -> str:
    """What is said instead of an answer, in the language of the request."""
    said: str = _data()["notice"][detect(text)]
    return said
