"""The figures of a report and the words of its tables, in English and Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lemmata.apps.conjecture.language.words import Language
from lemmata.apps.conjecture.search.events import Outcome

_METHODS_ZH = {
    "exhaustive": "穷举", "boundary": "边界值", "stratified random": "各数量级的随机点",
    "hypothesis": "Hypothesis", "meet in the middle": "折半相遇", "z3": "Z3",
}  # fmt: skip
_CELLS_ZH = {
    "claim": "命题", "holds": "成立", "fails": "不成立", "undefined": "无定义",
    "out of reach": "代价过高",
}  # fmt: skip


def facts(outcome: Outcome, language: Language = "en") -> list[tuple[str, Any]]:
    """The figures below the sentence: name and value."""
    tally = outcome.tally
    rows = [
        ("points decided, by all methods together", "各方法共判定的点", f"{outcome.points:,}"),
        ("of these by kernels", "其中由内核判定", f"{tally['by_kernel']:,}"),
        ("points of the covered box, before the guard", "已覆盖范围内的点（未计条件）",
         f"{outcome.box:,}"),
        ("undefined points", "命题无定义的点", f"{tally['undefined']:,}"),
        ("points out of reach", "代价过高的点", f"{tally['out_of_reach']:,}"),
        ("hits that the exact judge did not confirm", "精确判定未确认的命中",
         f"{tally['disagreements']:,}"),
        ("seconds", "秒", f"{outcome.seconds:.1f}"),
        ("seed", "随机种子", outcome.seed),
    ]  # fmt: skip
    zh = language == "zh"
    figures = [(chinese if zh else english, value) for english, chinese, value in rows]
    return figures + [_method(row, zh) for row in outcome.methods]


def _method(row: dict[str, Any], zh: bool) -> tuple[str, str]:
    if zh:
        name = _METHODS_ZH.get(row["name"], row["name"])
        return f"方法：{name}", f"{row['seconds']:.1f} 秒，{row['points']:,}"
    return f"method: {row['name']}", f"{row['seconds']:.1f} s, {row['points']:,}"


def cells(row: Sequence[Any], language: Language) -> list[Any]:
    """A row of the first cases, its words in this language."""
    return [_CELLS_ZH.get(cell, cell) if language == "zh" else cell for cell in row]
