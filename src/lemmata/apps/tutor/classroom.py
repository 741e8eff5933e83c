"""A class's submissions side by side: verdicts, the same mistakes together, and look-alikes."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from lemmata.apps.tutor import mathematics
from lemmata.apps.tutor.alike import Pair, alike
from lemmata.apps.tutor.exercise import SUFFIXES, Exercise, Program, Unusable
from lemmata.apps.tutor.finding import Comment
from lemmata.apps.tutor.grade import Grade, Key, grade, key_of
from lemmata.apps.tutor.mathematics import Derivation
from lemmata.apps.tutor.wording import Language, example_of
from lemmata.errors import BadInput, MissingExtra
from lemmata.verify.sandbox import room

COLUMNS = (
    "student", "verdict", "passed", "of", "mistake", "line", "example", "growth", "comment",
)  # fmt: skip
PROSE = (".txt", ".md", ".tex")


@dataclass(frozen=True, slots=True)
class Row:
    """One student's submission, in plain values. `tests` counts the tests of a program and the
    checked steps of a derivation; `trouble` says why it could not be graded."""

    student: str
    verdict: str = "–"
    passed: bool = False
    tests: int = 0
    tests_passed: int = 0
    mistake: str = ""
    """The nature of the first finding."""
    line: int = 0
    example: str = ""
    """What shows it: the smallest call and what came of it, or the wrong step."""
    growth: str = ""
    comments: tuple[dict[str, Any], ...] = ()
    """Each with `line` and `text`."""
    trouble: str = ""

    def plain(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Cluster:
    """The students who made the same mistake: of one nature, shown by the same example."""

    mistake: str
    example: str
    students: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Classroom:
    exercise: Exercise
    rows: tuple[Row, ...]
    alike: tuple[Pair, ...] = ()
    remark: str = ""
    """Why there is nothing about look-alikes, where that is so."""

    def clusters(self) -> list[Cluster]:
        """The commonest mistake first."""
        found = defaultdict(list)
        for row in self.rows:
            if row.mistake:
                found[row.mistake, row.example].append(row.student)
        made = [Cluster(*about, tuple(students)) for about, students in found.items()]
        return sorted(made, key=lambda cluster: -len(cluster.students))

    def to_csv(self) -> str:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in self.rows:
            writer.writerow([_harmless(cell) for cell in _cells(row)])
        return out.getvalue()

    def to_markdown(self) -> str:
        lines = [
            f"# {self.exercise.id}",
            "",
            f"| {' | '.join(COLUMNS)} |",
            "|---" * len(COLUMNS) + "|",
        ]
        lines += [f"| {' | '.join(map(_cell, _cells(row)))} |" for row in self.rows]
        lines += ["", "## The same mistake", ""]
        lines += [
            f"- {c.mistake}{f' ({_cell(c.example)})' if c.example else ''}: "
            f"{', '.join(map(_cell, c.students))}"
            for c in self.clusters()
        ]
        lines += ["", "## Alike", ""]
        lines += [f"- {_cell(p.first)} and {_cell(p.second)}: {p.share:.0%}" for p in self.alike]
        return "\n".join([*lines, *([self.remark] if self.remark else [])]) + "\n"


class Kept(Protocol):
    """Where graded rows are kept, so that nothing is run twice."""

    def get(self, student: str, fingerprint: str) -> Row | None: ...

    def put(self, row: Row, fingerprint: str, text: str) -> None: ...


@dataclass(slots=True)
class Marking:
    """Grades one submission of a class after the other; the reference runs once for all."""

    exercise: Exercise
    language: Language = "en"
    sandbox: room.Sandbox | None = None
    kept: Kept | None = None
    _key: Key | None = field(default=None, init=False)

    def row(self, student: str, text: str, spoken: Program = "python") -> Row:
        """The graded row; one that is kept is not run again. Raises BadData where the exercise is
        broken, EnvironmentMissing."""
        fingerprint = self._fingerprint(text, spoken)
        known = self.kept.get(student, fingerprint) if self.kept else None
        if known is not None:
            return known
        try:
            row = self._graded(student, text, spoken)
        except Unusable as error:
            row = Row(student, trouble=str(error))
        if self.kept:
            self.kept.put(row, fingerprint, text)
        return row

    def _graded(self, student: str, text: str, spoken: Program) -> Row:
        if self.exercise.subject == "mathematics":
            return of_derivation(student, mathematics.grade(self.exercise, text), self.language)
        if self._key is None:
            self._key = key_of(self.exercise, self.sandbox)
        graded = grade(self.exercise, text, self.language, self.sandbox, False, self._key, spoken)
        return of_grade(student, graded)

    def _fingerprint(self, text: str, spoken: Program) -> str:
        """Of all that the row depends on."""
        whole = repr((self.exercise, text, spoken, self.language)).encode("utf-8", "replace")
        return hashlib.sha256(whole).hexdigest()


def of_grade(student: str, graded: Grade) -> Row:
    """The row of a program; opinions on style are left out."""
    finding = graded.findings[0] if graded.findings else None
    return Row(
        student,
        verdict="passed" if graded.passed else graded.verdict,
        passed=graded.passed,
        tests=len(graded.tests),
        tests_passed=sum(test.verdict == "AC" for test in graded.tests),
        mistake=finding.nature if finding else "",
        line=finding.line if finding else 0,
        example=example_of(finding, graded.exercise) if finding else "",
        growth=graded.growth.law if graded.growth else "",
        comments=_said(graded.comments),
    )


def of_derivation(student: str, graded: Derivation, language: Language) -> Row:
    checked = [step for step in graded.steps if step.state != "unchecked"]
    wrong = graded.steps[graded.first_wrong].text if graded.first_wrong is not None else ""
    return Row(
        student,
        verdict="passed" if graded.passed else graded.nature,
        passed=graded.passed,
        tests=len(checked),
        tests_passed=sum(step.state == "holds" for step in checked),
        mistake=graded.nature,
        line=graded.line if graded.nature else 0,
        example=" ".join(wrong.split()),
        comments=_said(graded.comments(language)),
    )


def compared(exercise: Exercise, rows: Sequence[Row], sources: Mapping[str, str]) -> Classroom:
    """Rows with their look-alikes; without the library for it, with a remark that says so."""
    spoken = "python" if exercise.subject == "program" else ""
    try:
        return Classroom(exercise, tuple(rows), tuple(alike(sources, spoken)))
    except MissingExtra as missing:
        return Classroom(exercise, tuple(rows), remark=str(missing))


def grade_class(
    exercise: Exercise,
    folder: Path,
    language: Language = "en",
    sandbox: room.Sandbox | None = None,
    told: Callable[[int, int], None] | None = None,
    kept: Kept | None = None,
) -> Classroom:
    """Grade every submission of a folder, each file named by its student. `told` hears done and
    total; what is `kept` is not run again.

    Raises BadInput where there is none, BadData where the exercise is broken."""
    endings = [end for end, spoken in SUFFIXES.items() if spoken in exercise.programs] or PROSE
    files = sorted(path for path in folder.glob("*") if path.suffix in endings and path.is_file())
    if not files:
        raise BadInput(
            f"no {' or '.join(endings)} files in {folder}", "Give a folder with one file a student."
        )
    marking = Marking(exercise, language, sandbox, kept)
    rows, sources = [], {}
    for number, path in enumerate(files):
        if told:
            told(number, len(files))
        try:
            sources[path.stem] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            rows.append(Row(path.stem, trouble=f"cannot read {path.name}: {error}"))
            continue
        spoken = SUFFIXES.get(path.suffix, "python")
        rows.append(marking.row(path.stem, sources[path.stem], spoken))
    if told:
        told(len(files), len(files))
    return compared(exercise, rows, sources)


def _said(comments: Sequence[Comment]) -> tuple[dict[str, Any], ...]:
    return tuple({"line": c.line, "text": c.text} for c in comments if not c.opinion)


def _cells(row: Row) -> list[str]:
    first = row.trouble or (str(row.comments[0]["text"]) if row.comments else "")
    return [
        row.student, row.verdict, str(row.tests_passed), str(row.tests), row.mistake,
        str(row.line or ""), row.example, row.growth, first,
    ]  # fmt: skip


def _harmless(cell: str) -> str:
    """A spreadsheet takes a cell that begins with one of these for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _cell(text: str) -> str:
    """Nothing that ends a cell, nor any HTML: names and messages are the students'."""
    plain = text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
    return " ".join(plain.split())
