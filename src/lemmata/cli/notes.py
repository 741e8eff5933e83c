"""`lemmata notes`: ask about a folder of Markdown, check what stands in it, learn from mistakes."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from lemmata.apps.notes.check import Checked
    from lemmata.apps.notes.notebook import Entry
    from lemmata.apps.notes.vault import Vault

JSON = typer.Option("--json", help="One JSON document.")
FOLDER = typer.Argument(help="A folder of Markdown notes, such as an Obsidian vault.")

EXAMPLES = """
**Examples**

    lemmata notes ask ~/vault "What do the roots of a quadratic add up to?"
    lemmata notes check ~/vault
    lemmata notes review ~/vault
"""
ASK_EXAMPLES = """
**Examples**

    lemmata notes ask ~/vault "What do the roots of a quadratic add up to?"
    lemmata notes ask ~/vault "Why is this so?" --note Algebra.md --selection "4 + 9 = 13" --write
    lemmata notes ask ~/vault "韦达定理说了什么？" --depth 1 --budget 600 --votes 4
    lemmata notes ask ~/vault --resume 3f9a0c11d2e4

Ctrl-\\ answers now, from what there is; Ctrl-C stops, and tells how to go on.
"""
CHECK_EXAMPLES = """
**Examples**

    lemmata notes check ~/vault/Algebra.md
    lemmata notes check ~/vault Algebra.md Programs.md --write --notebook
    lemmata notes check ~/vault --json | jq '.notes[] | select(.state == "fails") | .note'
"""
REVIEW_EXAMPLES = """
**Examples**

    lemmata notes review ~/vault
    lemmata notes review ~/vault --grade 3f9a0c11d2e4=good
"""
EXPORT_EXAMPLES = """
**Examples**

    lemmata notes export ~/vault > mistakes.jsonl
    lemmata notes export ~/vault --out mistakes.jsonl && lemmata data check mistakes.jsonl
"""


def register(app: typer.Typer) -> None:
    notes = typer.Typer(
        no_args_is_help=True, help="Ask about notes, check them, learn from them.", epilog=EXAMPLES
    )
    app.add_typer(notes, name="notes")
    _ask(notes)
    notes.command("check", epilog=CHECK_EXAMPLES)(_check)
    notes.command("review", epilog=REVIEW_EXAMPLES)(_review)
    notes.command("export", epilog=EXPORT_EXAMPLES)(_export)


def _ask(notes: typer.Typer) -> None:
    @notes.command(epilog=ASK_EXAMPLES)
    def ask(
        folder: Annotated[Path, FOLDER],
        question: Annotated[str | None, typer.Argument(help="`-` reads it from stdin.")] = None,
        note: Annotated[str, typer.Option(help="The note it is about; its links are read.")] = "",
        selection: Annotated[
            str, typer.Option(help="The part of the note that it is about; `-`: from stdin.")
        ] = "",
        depth: Annotated[int, typer.Option(min=0, max=4, help="Links to follow.")] = 2,
        budget: Annotated[int, typer.Option(min=0, help="Tokens of notes to read.")] = 1024,
        votes: Annotated[int, typer.Option(min=1, max=64, help="Derivations to compare.")] = 1,
        max_tokens: Annotated[int | None, typer.Option(min=1, help="At most, each.")] = None,
        seed: Annotated[
            int | None, typer.Option(min=0, max=2**31 - 1, help="For the same answer again.")
        ] = None,
        write: Annotated[
            bool, typer.Option("--write", help="Put the answer into the note.")
        ] = False,
        model: Annotated[str | None, typer.Option(help="Else LEMMATA_MODEL.")] = None,
        url: Annotated[
            str | None,
            typer.Option(help="Ask the server at URL instead, for MODEL where it has several."),
        ] = None,
        resume: Annotated[
            str | None, typer.Option(metavar="ID", help="Go on with one that was stopped.")
        ] = None,
        as_json: Annotated[bool, JSON] = False,
    ) -> None:
        """Answer from the notes, as a callout: every checked step marked, its sources linked."""
        from lemmata import settings as reading
        from lemmata.cli import notes_ask
        from lemmata.cli.wanted import model_of
        from lemmata.errors import BadInput

        if (question is None) == (resume is None):
            raise BadInput("give a question, or the id of one to resume")
        if write and not note and resume is None:
            raise BadInput("--write does not know where to", "Name the note with --note.")
        named = url is not None or model is not None  # else the one that it was asked before
        wanted = model_of(url, model, reading.load()) if named else None
        wish = notes_ask.Wish(
            sys.stdin.read() if question == "-" else question or "", note,
            sys.stdin.read() if selection == "-" else selection,
            depth, budget, votes, max_tokens, seed, wanted,
        )  # fmt: skip
        told = notes_ask.resumed(folder, resume, wanted) if resume else notes_ask.go(folder, wish)
        missed = told.write() if write else []
        for name in missed:
            print(f"{name} changed meanwhile: a link into it may lead nowhere", file=sys.stderr)
        print(
            json.dumps(told.as_json(), ensure_ascii=False, indent=2) if as_json else told.markdown
        )


def _check(
    folder: Annotated[Path, typer.Argument(help="A note, or a folder of notes.")],
    notes: Annotated[list[str] | None, typer.Argument(help="Only these notes of it.")] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write what was found into the notes, as callouts.")
    ] = False,
    notebook: Annotated[
        bool, typer.Option("--notebook", help="Put what failed into the error notebook.")
    ] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Check every step, program and answer that a machine can check. Exit code 1 if one fails."""
    from lemmata.apps.notes.vault import NOTEBOOK, Vault
    from lemmata.models.progress import shown

    vault = Vault(folder)
    paths = [vault.name(note) for note in notes or ([vault.only] if vault.only else [])]
    every = paths or [
        found.path for found in vault.notes() if not found.path.startswith(f"{NOTEBOOK}/")
    ]
    rows: list[dict[str, Any]] = []
    with shown() as progress:
        for done, note in enumerate(every, 1):
            rows += _one(vault, note, write, notebook, named=bool(paths))
            progress("checking notes", done, len(every))
    _left_alone([(one.path, one.reason) for one in ([] if paths else vault.skipped)])
    if as_json:
        print(json.dumps({"notes": rows}, ensure_ascii=False, indent=2))
    else:
        _print(rows)
    if any(row["state"] == "fails" for row in rows):
        raise typer.Exit(1)


def _one(vault: Vault, note: str, write: bool, notebook: bool, named: bool) -> list[dict[str, Any]]:
    """Check one note; one of a whole folder that cannot be read is told and passed over."""
    from lemmata.apps.notes.check import check
    from lemmata.apps.notes.notebook import record
    from lemmata.apps.notes.writing import annotated
    from lemmata.errors import BadInput

    try:
        text = vault.read(note)
        found = check(text)
    except BadInput as error:
        if named:
            raise
        if "empty" not in error.cause:
            _left_alone([(note, error.cause)])
        return []
    if write and (after := annotated(text, found)) != text:
        vault.write(note, after, text)
    kept = record(vault, note, found, datetime.now(UTC)) if notebook else None
    for path in kept.new if kept else ():
        print(f"new in the error notebook: {path}", file=sys.stderr)
    for path in kept.mended if kept else ():
        print(f"mended: {path}", file=sys.stderr)
    return [_row(note, one) for one in found]


def _row(note: str, checked: Checked) -> dict[str, Any]:
    from dataclasses import asdict

    return {"note": note, "state": checked.state, **asdict(checked)}


def _print(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        print(f"{row['note']}: {row['heading'] or row['task']}: {row['state']}")
        for finding in row["findings"]:
            reason = f"  <- {finding['reason']}" if finding["reason"] else ""
            text = " ".join(finding["text"].split())
            at = finding["line"] if finding["at"] is None else finding["at"]
            place = f"line {at + 1}"
            print(f"  {place:<9} {finding['kind']:<8} {finding['state']:<9}  {text}{reason}")
    if not rows:
        print("nothing here claims what can be checked", file=sys.stderr)


def _left_alone(skipped: list[tuple[str, str]]) -> None:
    for path, reason in skipped:
        print(f"left alone: {path}: {reason}", file=sys.stderr)


def _review(
    folder: Annotated[Path, FOLDER],
    grade: Annotated[
        str | None, typer.Option(metavar="ID=GRADE", help="again, hard, good or easy.")
    ] = None,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """What of the error notebook is due, or how well one of its problems went this time."""
    from lemmata.apps.notes import review
    from lemmata.apps.notes.vault import Vault

    vault, now = Vault(folder), datetime.now(UTC)
    if grade is not None:
        front = _graded(vault, grade, now)
        line = f"{front['id']}: again on {front['due']}"
        print(json.dumps(front, ensure_ascii=False, indent=2, default=str) if as_json else line)
        return
    due = [(review.due(one.front), path, one) for path, one in _entries(vault)]
    due = sorted((row for row in due if row[0] <= now), key=lambda row: (row[0], row[1]))
    rows = [{"id": one.id, "due": when.isoformat(), "path": path, "problem": one.problem}
            for when, path, one in due]  # fmt: skip
    if as_json:
        print(json.dumps({"due": rows}, ensure_ascii=False, indent=2))
        return
    for row in rows:
        print(f"{row['id']}  {' '.join(row['problem'].split())[:70]}")
    print(f"{len(rows)} due", file=sys.stderr)


def _graded(vault: Vault, grade: str, now: datetime) -> dict[str, Any]:
    from lemmata.apps.notes import review
    from lemmata.apps.notes.notebook import with_front
    from lemmata.errors import BadInput

    number, _, word = grade.partition("=")
    path, one = next((pair for pair in _entries(vault) if pair[1].id == number), (None, None))
    if path is None or one is None:
        raise BadInput(f"the error notebook has no {number!r}", "See lemmata notes review.")
    text = vault.read(path)
    front = review.graded(one.front, word, now)
    vault.write(path, with_front(text, front), text)
    return front


def _export(
    folder: Annotated[Path, FOLDER],
    out: Annotated[Path | None, typer.Option(help="A file; else stdout.")] = None,
) -> None:
    """The error notebook as rows to tune on: those whose correction passes its checks."""
    from lemmata.apps.notes.tuning import tuning_set
    from lemmata.apps.notes.vault import Vault, land
    from lemmata.errors import BadInput

    made = tuning_set(one for _, one in _entries(Vault(folder)))
    _left_alone([(left.id, left.reason) for left in made.left])
    if not made.lines:
        raise BadInput(
            "there is nothing to export",
            "Check notes with --notebook, mend them, and check them again.",
        )
    text = "".join(made.lines)
    if out is None:
        sys.stdout.write(text)
    else:
        land(out, text)
    print(f"{len(made.lines)} rows, {len(made.left)} left alone", file=sys.stderr)


def _entries(vault: Vault) -> list[tuple[str, Entry]]:
    from lemmata.apps.notes.notebook import entries
    from lemmata.errors import BadInput

    found = []
    for path, one in entries(vault):
        if isinstance(one, BadInput):
            _left_alone([(path, one.cause)])
        else:
            found.append((path, one))
    return found
