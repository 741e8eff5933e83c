"""Is this a problem for a reasoning model? Decided by the patterns of `domain.yaml`, no model.

A request is off-domain only where it is a piece of small talk as a whole, or begins as a question
of general knowledge, and nothing in it marks a problem. Whatever is not recognised is answered: a
false alarm costs more than an answer too many.
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
    r"^(?:please|hey|ok|okay|so|well|and|请问|请|那么?|那)[,，]?\s+|^请问|^请", re.I
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


def classify(text: str) -> Domain:
    """What the request is. Deterministic."""
    said = " ".join(text.split())
    if len(said) > LONGEST or any(pattern.search(said) for pattern in _patterns("problem")):
        return "problem"
    bare = said.strip(_ENDS)
    forms = {bare, _CALLED.sub("", bare, count=1).strip(_ENDS)}
    sentences = [part.strip(_ENDS) for part in re.split(r"[.!?。！？,，~～]+\s*", bare)]
    if any(_whole(form) for form in forms) or (sentences and all(map(_whole, sentences))):
        return "small talk"
    if any(pattern.match(form) for form in forms for pattern in _patterns("general_knowledge")):
        return "general knowledge"
    return "problem"


def _whole(text: str) -> bool:
    return any(pattern.fullmatch(text) for pattern in _patterns("small_talk"))


def notice(text: str) -> str:
    """What is said instead of an answer, in the language of the request."""
    said: str = _data()["notice"][detect(text)]
    return said
