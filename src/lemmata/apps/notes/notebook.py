"""The error notebook: one note for each problem that failed a check, kept inside the vault.

Its front matter holds the memory state for spaced repetition, in the same words for the command
line (`fsrs`) and the Obsidian plugin (`ts-fsrs`). Its last part, the correction, is what a tuning
set is made of, once it passes the checks that the attempt failed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import yaml

from lemmata.apps.notes import reasons
from lemmata.apps.notes.blocks import blocks, front_matter
from lemmata.apps.notes.check import Checked
from lemmata.apps.notes.neutral import inline
from lemmata.apps.notes.vault import NOTEBOOK, Vault
from lemmata.errors import BadInput
from lemmata.prompts.language import detect

PARTS = ("Problem", "Attempt", "First failure", "Correction")


@dataclass(frozen=True, slots=True)
class Entry:
    """A note of the notebook. `front` is its front matter, with keys of others in it too."""

    front: dict[str, Any]
    problem: str
    attempt: str
    failure: str
    correction: str

    @property
    def id(self) -> str:
        return str(self.front["id"])

    @property
    def task(self) -> Literal["math", "code"]:
        return "code" if self.front.get("task") == "code" else "math"

    @property
    def gold(self) -> str:
        return str(self.front.get("gold") or "")


def id_of(note: str, checked: Checked) -> str:
    """Of a problem: the same as long as its note, heading and words are."""
    key = "\n".join((note, checked.heading, checked.task, " ".join(checked.problem.split())))
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def path_of(number: str) -> str:
    return f"{NOTEBOOK}/{number}.md"


def entry(note: str, checked: Checked, now: datetime) -> Entry:
    """A new entry, due now. Raises BadInput where nothing failed."""
    wrong = checked.first_wrong
    if wrong is None:
        raise BadInput("nothing failed here", "Only failed problems go into the notebook.")
    why = reasons.said(wrong.reason, detect(checked.problem + checked.attempt))
    told = " ".join(part for part in (inline(wrong.text), inline(why)) if part)
    front = {
        "lemmata": "error", "id": id_of(note, checked), "note": note, "heading": checked.heading,
        "task": checked.task, "gold": checked.gold, "created": stamp(now), "due": stamp(now),
        "state": "new", "step": 0, "stability": 0.0, "difficulty": 0.0, "reps": 0, "lapses": 0,
        "last_review": "",
    }  # fmt: skip
    return Entry(front, checked.problem, checked.attempt, told, "")


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def written(one: Entry) -> str:
    """The entry as a note."""
    bodies = (one.problem, one.attempt, one.failure, one.correction)
    parts = "\n".join(
        f"## {name}\n\n{body}\n" if body else f"## {name}\n"
        for name, body in zip(PARTS, bodies, strict=True)
    )
    source = str(one.front["note"]).removesuffix(".md")
    return with_front(f"\nFrom [[{source}]].\n\n{parts}", one.front)


def with_front(text: str, front: dict[str, Any]) -> str:
    """The entry with other front matter."""
    values = yaml.safe_dump(front, allow_unicode=True, sort_keys=False)
    return f"---\n{values}---\n{text[len(front_matter(text)) :]}"


def read(text: str) -> Entry | None:
    """The entry that a note is; None for any other note. Raises BadInput for a broken one."""
    front = front_matter(text)
    if "lemmata: error" not in front:
        return None
    try:
        values = yaml.safe_load(front.strip().strip("-"))
        number = str(values["id"])
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise BadInput(f"its properties cannot be read: {error}".split("\n")[0]) from None
    lines = text.split("\n")
    heads = [
        block for block in blocks(text)
        if block.kind == "heading" and block.text.startswith("## ") and block.heading in PARTS
    ]  # fmt: skip
    ends = [block.first for block in heads[1:]] + [len(lines)]
    parts = {
        block.heading: "\n".join(lines[block.last : end]).strip()
        for block, end in zip(heads, ends, strict=True)
    }
    bodies = [parts.get(name, "") for name in PARTS]
    return Entry(values | {"id": number}, *bodies)


def entries(vault: Vault) -> Iterator[tuple[str, Entry | BadInput]]:
    """The notebook of a vault: each note with its entry, or with what is wrong with it."""
    for found in vault.notes():
        if found.path.startswith(f"{NOTEBOOK}/"):
            try:
                one = read(vault.read(found.path))
            except BadInput as error:
                yield found.path, error
            else:
                if one is not None:
                    yield found.path, one


@dataclass(frozen=True, slots=True)
class Recorded:
    """Paths of the entries that are new, and of those that got their correction."""

    new: tuple[str, ...]
    mended: tuple[str, ...]


def record(vault: Vault, note: str, sections: Sequence[Checked], now: datetime) -> Recorded:
    """Put what failed into the notebook; what is in it and holds now becomes its correction."""
    new, mended = [], []
    for checked in sections:
        path = path_of(id_of(note, checked))
        here = (vault.root / path).exists()
        if checked.state == "fails" and not here:
            vault.write(path, written(entry(note, checked, now)), None)
            new.append(path)
        elif checked.state == "holds" and here:
            before = vault.read(path)
            one = read(before)
            if one is not None and not one.correction:
                vault.write(path, corrected(before, checked.attempt), before)
                mended.append(path)
    return Recorded(tuple(new), tuple(mended))


def corrected(text: str, correction: str) -> str:
    """The entry with its correction, which is its last part."""
    head, mark, _ = text.rpartition("\n## Correction")
    if not mark:
        return f"{text.rstrip()}\n\n## Correction\n\n{correction}\n"
    return f"{head}{mark}\n\n{correction}\n"
