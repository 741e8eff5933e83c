"""`lemmata tutor`: grade submissions like a teacher, every comment backed by a run."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lemmata.apps.tutor.classroom import Kept
    from lemmata.apps.tutor.exercise import Exercise, Program
    from lemmata.apps.tutor.finding import Comment
    from lemmata.apps.tutor.grade import Grade
    from lemmata.apps.tutor.wording import Language

JSON = typer.Option("--json", help="One JSON document.")
EXERCISE = typer.Argument(help="The name of a shipped exercise, or a folder with exercise.toml.")
LANG = typer.Option("--lang", help="`en` or `zh`.")

EXAMPLES = """
**Examples**

    lemmata tutor list
    lemmata tutor grade sum-of-list solution.py
    lemmata tutor class sum-of-list ./submissions
"""
LIST_EXAMPLES = """
**Examples**

    lemmata tutor list
    lemmata tutor list --lang zh --json
"""
SHOW_EXAMPLES = """
**Examples**

    lemmata tutor show sum-of-list
    lemmata tutor show ./my-exercise --lang zh
"""
GRADE_EXAMPLES = """
**Examples**

    lemmata tutor grade sum-of-list solution.py
    lemmata tutor grade sum-of-list solution.py --hint 2 --lang zh
    lemmata tutor grade sum-of-list solution.py --teacher --json
    lemmata tutor grade two-equations derivation.txt
"""
CHECK_EXAMPLES = """
**Examples**

    lemmata tutor check ./my-exercise
"""
CLASS_EXAMPLES = """
**Examples**

    lemmata tutor class sum-of-list ./submissions
    lemmata tutor class sum-of-list ./submissions --csv > marks.csv
"""


def register(app: typer.Typer) -> None:
    tutor = typer.Typer(
        no_args_is_help=True, help="Grade submissions; every comment is executed.", epilog=EXAMPLES
    )
    app.add_typer(tutor, name="tutor")
    _list(tutor)
    _show(tutor)
    _grade(tutor)
    _check(tutor)
    _class(tutor)


def _list(tutor: typer.Typer) -> None:
    @tutor.command("list", epilog=LIST_EXAMPLES)
    def exercises(
        lang: Annotated[str, LANG] = "en", as_json: Annotated[bool, JSON] = False
    ) -> None:
        """The exercises that come with Lemmata."""
        from lemmata.apps.tutor.exercise import names, open_exercise

        language = _language(lang)
        rows = {name: open_exercise(name).text("title", language) for name in names()}
        if as_json:
            print(json.dumps(rows, ensure_ascii=False, indent=2))
        else:
            for name, title in rows.items():
                print(f"{name:<20}  {title}")


def _show(tutor: typer.Typer) -> None:
    @tutor.command(epilog=SHOW_EXAMPLES)
    def show(exercise: Annotated[str, EXERCISE], lang: Annotated[str, LANG] = "en") -> None:
        """An exercise as a student sees it: the statement and the visible tests."""
        from lemmata.apps.tutor.exercise import open_exercise

        opened, language = open_exercise(exercise), _language(lang)
        print(f"# {opened.text('title', language)}\n\n{opened.text('statement', language)}")
        for case in opened.tests:
            if case.visible and case.args is not None:
                print(f"    {opened.call(case.args)}")


def _grade(tutor: typer.Typer) -> None:
    @tutor.command(epilog=GRADE_EXAMPLES)
    def grade(
        exercise: Annotated[str, EXERCISE],
        submission: Annotated[str, typer.Argument(help="A file; `-` reads stdin.")],
        hint: Annotated[
            int, typer.Option(min=0, max=4, help="Print a hint too: 1 gentle to 4 nearly there.")
        ] = 0,
        teacher: Annotated[
            bool, typer.Option("--teacher", help="What students must not see as well.")
        ] = False,
        reword: Annotated[
            bool, typer.Option("--reword", help="Let the model say the hint; facts are kept.")
        ] = False,
        lang: Annotated[str, LANG] = "en",
        as_json: Annotated[bool, JSON] = False,
    ) -> None:
        """Judge a submission and comment on its lines. Exit code 1 when it does not pass."""
        from lemmata.apps.tutor.exercise import SUFFIXES, open_exercise
        from lemmata.cli.given import text_of

        opened, language, text = open_exercise(exercise), _language(lang), text_of(submission)
        spoken = SUFFIXES.get(Path(submission).suffix, "python")
        asked = _Asked(hint, teacher, reword, as_json, spoken)
        if hint:
            opened.allow_hint(hint)
        kind = _grade_mathematics if opened.subject == "mathematics" else _grade_program
        if not kind(opened, text, language, asked):
            raise typer.Exit(1)


class _Asked(NamedTuple):
    hint: int
    teacher: bool
    reword: bool
    as_json: bool
    spoken: Program


def _grade_program(exercise: Exercise, text: str, language: Language, asked: _Asked) -> bool:
    from lemmata.apps.tutor.grade import grade

    graded = grade(exercise, text, language, spoken=asked.spoken)
    said = graded.hint(asked.hint, language) if asked.hint else ""
    if said and asked.reword:
        said = _reworded(said, exercise, text, language)
    if asked.as_json:
        document = graded.for_teacher(language) if asked.teacher else graded.for_student(language)
        print(json.dumps(document | {"hint": said}, ensure_ascii=False, indent=2))
    else:
        _print(graded, text, said, asked.teacher)
    return graded.passed


def _reworded(hint: str, exercise: Exercise, text: str, language: Language) -> str:
    import asyncio

    from lemmata import settings as reading
    from lemmata.apps.tutor.reword import reword
    from lemmata.engines import open_engine

    settings = reading.load()

    async def said() -> str:
        engine = open_engine(settings.model, settings)
        try:
            return await reword(hint, exercise, text, engine, language)
        finally:
            await engine.close()

    return asyncio.run(said())


def _grade_mathematics(exercise: Exercise, text: str, language: Language, asked: _Asked) -> bool:
    from lemmata.apps.tutor.mathematics import grade

    graded = grade(exercise, text)
    said = graded.hint(asked.hint, language) if asked.hint else ""
    if asked.as_json:
        told = graded.for_teacher(language) if asked.teacher else graded.for_student(language)
        print(json.dumps(told | {"hint": said}, ensure_ascii=False, indent=2))
        return graded.passed
    for step in graded.steps:
        reason = f"  <- {step.reason}" if step.reason else ""
        print(f"{step.state:<9}  {' '.join(step.text.split())}{reason}")
    _comment(graded.comments(language), text)
    if said:
        print(f"\n{said}")
    if asked.teacher:
        print(f"\nteacher: the answer is {exercise.gold}; {graded.verdict.reason}")
    print(f"\n{'passed' if graded.passed else 'not passed'}: {graded.verdict.state}")
    return graded.passed


def _print(graded: Grade, source: str, hint: str, teacher: bool) -> None:
    for test in graded.tests:
        what = test.call or ("hidden" if not test.visible else "large input")
        print(f"{test.number:>3}  {test.verdict:<3}  {what}  {test.reason}".rstrip())
    _comment(graded.comments, source)
    if graded.growth:
        asked = f", asked for {graded.exercise.complexity}" if graded.exercise.complexity else ""
        print(f"\nmeasured growth: {graded.growth.law} by {graded.growth.by}{asked}")
    if hint:
        print(f"\n{hint}")
    if teacher:
        for finding in graded.findings:
            print(f"\nteacher: {finding.nature} {finding.repair}".rstrip())
    print(f"\n{'passed' if graded.passed else 'not passed'}: {graded.verdict}")


def _comment(comments: Sequence[Comment], source: str) -> None:
    lines = source.splitlines()
    for comment in comments:
        place = f"line {comment.line}" if comment.line else "whole"
        print(f"\n{place}: {comment.text}{' (style)' if comment.opinion else ''}")
        if 0 < comment.line <= len(lines):
            print(f"    {lines[comment.line - 1].strip()}")


def _check(tutor: typer.Typer) -> None:
    @tutor.command(epilog=CHECK_EXAMPLES)
    def check(exercise: Annotated[str, EXERCISE]) -> None:
        """Whether an exercise is sound: it reads, and its reference or its answer passes it."""
        from lemmata.apps.tutor.exercise import open_exercise
        from lemmata.apps.tutor.sound import refuse_unsound

        opened = open_exercise(exercise)
        refuse_unsound(opened)
        said = f"{len(opened.tests)} tests" if opened.tests else f"the answer {opened.gold}"
        print(f"{opened.id}: sound, {said}", file=sys.stderr)


def _class(tutor: typer.Typer) -> None:
    @tutor.command("class", epilog=CLASS_EXAMPLES)
    def whole_class(
        exercise: Annotated[str, EXERCISE],
        folder: Annotated[
            Path,
            typer.Argument(help="One file a student, named by the student: .py; .txt, .md, .tex."),
        ],
        as_csv: Annotated[bool, typer.Option("--csv", help="CSV instead of Markdown.")] = False,
        lang: Annotated[str, LANG] = "en",
    ) -> None:
        """Grade a folder: verdicts, the same mistakes together, submissions that look alike.

        Every row is kept as it comes: after Ctrl-C, or a change to one file, the rest is not run
        again."""
        from lemmata.apps.tutor.classroom import grade_class
        from lemmata.apps.tutor.exercise import open_exercise

        opened, language = open_exercise(exercise), _language(lang)
        found = grade_class(opened, folder, language, told=_told, kept=_kept(opened))
        sys.stdout.write(found.to_csv() if as_csv else found.to_markdown())


def _kept(exercise: Exercise) -> Kept:
    """Where the server keeps classes too; another folder's exercise under that folder's name."""
    from lemmata import settings as reading
    from lemmata.apps.tutor.exercise import Shelf
    from lemmata.server.auth import ANYONE
    from lemmata.server.state.classes import Class
    from lemmata.server.state.database import open_database

    settings = reading.load()
    known = Shelf(settings.home / "exercises").folder(exercise.id) == exercise.folder
    name = exercise.id if known else str(exercise.folder.resolve())[-200:]
    return Class(open_database(settings.database_url), ANYONE, name)


def _told(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {total}", end="\n" if done == total else "", file=sys.stderr)


def _language(lang: str) -> Any:
    from lemmata.errors import BadInput

    if lang not in ("en", "zh"):
        raise BadInput(f"the tutor does not speak {lang}", "Use --lang en or zh.")
    return lang
