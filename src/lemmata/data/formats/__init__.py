"""Raw rows to examples: one format a file, each with NAME, `fits(fields)` and `convert(fields)`.

All end in one form, `lemmata.types.Example`: the messages before the answer, the completion
(without the stop token, which rendering adds), and `meta`, of which the following keys have a
meaning for later stages:

| key        | meaning                                                                   |
|------------|---------------------------------------------------------------------------|
| gold       | the known final answer                                                    |
| task       | kind of problem ("math", "counting", "code"): chooses the role            |
| language   | "en" or "zh"                                                              |
| group      | rows of one group never straddle the split (the instance, the conversation) |
| difficulty | nats a label token (NLL) or 1 - pass@k, by the base model                 |
| part       | [k, n]: part k of n of a split derivation; `prefix` is what came before   |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lemmata.data.encoding import unusable
from lemmata.data.formats import (
    alpaca,
    conversation,
    own,
    prompt_completion,
    question_answer,
)
from lemmata.data.formats.cells import unfolded
from lemmata.data.row import BROKEN, Raw, RowRefused, Sample
from lemmata.errors import BadData
from lemmata.types import Example

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Format:
    """How rows of one shape become examples."""

    name: str
    fits: Callable[[Fields], bool]
    convert: Callable[[Fields], list[Example]]


# In order of trust: the most particular first.
FORMATS: tuple[Format, ...] = tuple(
    Format(module.NAME, module.fits, module.convert)
    for module in (own, conversation, alpaca, prompt_completion, question_answer)
)


# Column names of Chinese data sets, and what the formats call them.
_CHINESE = {
    "问题": "question", "题目": "question", "答案": "answer", "解答": "solution",
    "指令": "instruction", "输入": "input", "输出": "output", "提示": "prompt", "回答": "response",
}  # fmt: skip


def in_english(fields: Fields) -> Fields:
    """The fields under the names that the formats know."""
    if _CHINESE.keys().isdisjoint(fields):
        return fields
    return {_CHINESE.get(name, name): value for name, value in fields.items()}


def guess(rows: Iterable[Raw]) -> Format:
    """The format that fits most of these rows. Raises BadData where none fits any."""
    readable = [unfolded(in_english(row.fields)) for row in rows if not row.fault]
    best = max(FORMATS, key=lambda form: sum(map(form.fits, readable)))
    if not any(map(best.fits, readable)):
        columns = sorted({key for fields in readable for key in fields})
        raise BadData(
            f"no known format has the columns {', '.join(columns[:12]) or '(none)'}",
            f"Name them as one of: {'; '.join(form.name for form in FORMATS)}.",
        )
    return best


def convert(form: Format, raw: Raw) -> list[Sample]:
    """The examples of a raw row. Raises RowRefused with the reason."""
    if raw.fault:
        raise RowRefused(BROKEN, raw.fault)
    fields = unfolded(in_english(raw.fields))
    damage = _damage(fields)
    if damage:
        raise RowRefused(BROKEN, damage)
    if not form.fits(fields) and (
        other := next((one for one in FORMATS if one.fits(fields)), None)
    ):
        raise RowRefused(BROKEN, f"a row of {other.name} among {form.name}")
    examples = form.convert(fields)
    return [Sample(raw.source, raw.line, example) for example in examples]


def _damage(value: Any) -> str:
    """Why some text inside a row cannot be used, or ""."""
    if isinstance(value, str):
        return unusable(value)
    inner = value.values() if isinstance(value, Mapping) else value
    if isinstance(inner, (str, bytes)) or not isinstance(inner, Iterable):
        return ""
    return next((fault for fault in map(_damage, inner) if fault), "")
