"""Let the model say a hint in its own words; what it says must still be what was executed."""

from __future__ import annotations

import re
from uuid import uuid4

from lemmata.apps.tutor.exercise import Exercise
from lemmata.apps.tutor.leak import leaks
from lemmata.apps.tutor.wording import LONGEST, SHORTEST, Language, length
from lemmata.engines.base import Engine, Request, Sampling, complete
from lemmata.types import Message

_ASK = {
    "en": "Rewrite this hint for a student in friendly, plain words. Keep every value in backticks "
    "exactly as it is. Write no code and do not say the solution.\n\n{hint}",
    "zh": "请用亲切、平实的话把这段提示改写给学生。反引号里的值必须原样保留。"
    "不要写代码，也不要说出答案。\n\n{hint}",
}
_QUOTED = re.compile(r"`[^`]+`")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


async def reword(
    hint: str, exercise: Exercise, submission: str, engine: Engine, language: Language = "en"
) -> str:
    """The model's wording where it keeps every fact, else the hint as it is.

    Nothing here makes the model right; it only makes it harmless: see `kept`."""
    asked = (Message("user", _ASK[language].format(hint=hint)),)
    sampling = Sampling(temperature=0.0, max_tokens=700)
    done = await complete(engine, Request(f"tutor-{uuid4().hex}", asked, sampling=sampling))
    said = done.text.strip()
    whole = done.finish_reason == "stop"
    return said if whole and kept(hint, said, exercise, submission, language) else hint


def kept(hint: str, said: str, exercise: Exercise, submission: str, language: Language) -> bool:
    """Whether a rewording says no less and no more: every quoted value is there and no new one, no
    number was invented, the length is a hint's, and nothing of the reference is in it."""
    if not SHORTEST[language] <= length(said, language) <= LONGEST[language]:
        return False
    if set(_QUOTED.findall(said)) != set(_QUOTED.findall(hint)):
        return False
    if set(_NUMBER.findall(said)) - set(_NUMBER.findall(hint)):
        return False
    statement = exercise.text("statement", language)
    return not leaks(said, exercise.reference, submission, statement)
