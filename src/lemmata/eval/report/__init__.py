"""The report as one HTML file: it needs no network, no server and no other file.

What a model wrote is untrusted. It travels as JSON inside the page, with every `<` written as an
escape, and the page's script puts it on the screen as text nodes only. The content security policy
allows that one script, by its hash, and nothing from anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from lemmata.eval.metrics import Attempts
from lemmata.eval.plan import Cell
from lemmata.eval.results import Report

__all__ = ["page"]

MOST_TEXT = 12_000_000
"""Characters of attempts in one page; longer ones lose their middle, predictions.jsonl has all."""
SHORTEST = 600


def page(told: Report, table: Mapping[Cell, Sequence[Attempts]]) -> str:
    """The report as HTML."""
    folder = files("lemmata.eval.report")
    html, css, script = (
        (folder / name).read_text("utf-8") for name in ("page.html", "page.css", "page.js")
    )
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    data = json.dumps(_data(told, table), ensure_ascii=False, separators=(",", ":"))
    parts = {
        "@HASH@": digest,
        "@CSS@": css,
        "@SCRIPT@": script,
        "@DATA@": data.replace("<", "\\u003c").replace("\u2028", "\\u2028"),
    }
    # In one pass: what is put in is never searched again.
    head, *rest = html.split("@@")
    return head + "".join(parts.get(f"@{part}@", part) for part in rest)


def _data(told: Report, table: Mapping[Cell, Sequence[Attempts]]) -> dict[str, Any]:
    attempts = sum(len(each.grades) for items in table.values() for each in items)
    room = max(SHORTEST, MOST_TEXT // max(1, attempts))
    return {
        "results": told.as_json(),
        "problems": [
            {"id": item.id, "pair": item.pair, "language": item.language, "text": item.problem,
             "gold": item.gold}
            for item in told.run.items
        ],
        "attempts": [
            {each.item.id: _attempts(each, room) for each in items} for items in table.values()
        ],
    }  # fmt: skip


def _attempts(each: Attempts, room: int) -> list[list[Any]]:
    """One row an attempt: state, answer, reason, text, tokens, seconds, end, first wrong step."""
    return [
        [
            grade.state, (grade.answer or "")[:500], grade.reason[:300], shortened(made.text, room),
            made.tokens, made.seconds, made.ended_by or made.finish_reason, grade.first_wrong[:300],
        ]
        for made, grade in zip(each.predictions, each.grades, strict=True)
    ]  # fmt: skip


def shortened(text: str, room: int) -> str:
    """A text of at most about `room` characters: its beginning and, twice as long, its end."""
    if len(text) <= room:
        return text
    head, tail = room // 3, room - room // 3
    return f"{text[:head]}\n\n[… {len(text) - room} …]\n\n{text[-tail:]}"
