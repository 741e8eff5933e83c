"""A class's submissions side by side: verdicts, the same mistakes together, and look-alikes."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from lemmata.apps.tutor.exercise import Exercise
from lemmata.apps.tutor.grade import Grade, grade, key_of, refuse_mathematics
from lemmata.apps.tutor.wording import Language
from lemmata.errors import BadInput
from lemmata.verify.sandbox import room

ALIKE = 0.9
"""Share of a program's code, names all alike, found in the other one."""
K = 15
"""Characters of code that count as copied when they stand together (winnowing's noise bound)."""
COLUMNS = ("student", "verdict", "tests passed", "tests", "mistake", "line", "growth")
COMMON = 0.5
"""Code that more than this share of the class has is no sign of copying."""


@dataclass(frozen=True, slots=True)
class Row:
    """One student's submission; `trouble` says why it could not be graded."""

    student: str
    grade: Grade | None
    trouble: str = ""

    @property
    def verdict(self) -> str:
        if self.grade is None:
            return "–"
        return "passed" if self.grade.passed else self.grade.verdict

    @property
    def mistake(self) -> str:
        """The nature of the first finding, with its line, which names a cluster."""
        if self.grade is None or not self.grade.findings:
            return ""
        return self.grade.findings[0].nature


@dataclass(frozen=True, slots=True)
class Pair:
    """Two programs and the larger share of one that is found in the other, 0 to 1."""

    first: str
    second: str
    share: float


@dataclass(frozen=True, slots=True)
class Classroom:
    exercise: Exercise
    rows: tuple[Row, ...]
    alike: tuple[Pair, ...]

    def clusters(self) -> dict[str, list[str]]:
        """The students of each mistake, the commonest first."""
        found = defaultdict(list)
        for row in self.rows:
            if row.mistake:
                found[row.mistake].append(row.student)
        return dict(sorted(found.items(), key=lambda item: -len(item[1])))

    def to_csv(self) -> str:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in self.rows:
            writer.writerow([_harmless(cell) for cell in _cells(row)])
        return out.getvalue()

    def to_markdown(self) -> str:
        lines = [f"# {self.exercise.id}", "", "| student | verdict | tests | mistake | line |",
                 "|---|---|---|---|---|"]  # fmt: skip
        for row in self.rows:
            student, verdict, passed, tests, mistake, line, _ = _cells(row)
            lines.append(
                f"| {_cell(student)} | {verdict} | {passed}/{tests} | {mistake} | {line} |"
            )
        lines += ["", "## The same mistake", ""]
        lines += [
            f"- {name}: {', '.join(map(_cell, who))}" for name, who in self.clusters().items()
        ]
        lines += ["", "## Alike", ""]
        lines += [f"- {_cell(p.first)} and {_cell(p.second)}: {p.share:.0%}" for p in self.alike]
        return "\n".join(lines) + "\n"


def grade_class(
    exercise: Exercise,
    folder: Path,
    language: Language = "en",
    sandbox: room.Sandbox | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Classroom:
    """Grade every .py file of a folder, named by its student. `told` hears done and total.

    Raises BadInput where there is none."""
    files = sorted(path for path in folder.glob("*.py") if path.is_file())
    if not files:
        raise BadInput(f"no .py files in {folder}", "Give a folder with one file a student.")
    refuse_mathematics(exercise)
    key = key_of(exercise, sandbox)
    rows = []
    sources = {}
    for number, path in enumerate(files):
        if told:
            told(number, len(files))
        try:
            sources[path.stem] = path.read_text(encoding="utf-8")
            graded = grade(exercise, sources[path.stem], language, sandbox, False, key)
            rows.append(Row(path.stem, graded))
        except (BadInput, OSError, UnicodeDecodeError) as error:
            rows.append(Row(path.stem, None, str(error)))
    if told:
        told(len(files), len(files))
    return Classroom(exercise, tuple(rows), tuple(alike(sources)))


def alike(sources: dict[str, str]) -> list[Pair]:
    """Pairs of programs that share most of their code, most first; names and layout count nothing.

    k-gram fingerprints over code whose names are all alike (copydetect, after Schleimer, Wilkerson
    and Aiken, "Winnowing", 2003), without what half of the class has anyway.
    """
    from copydetect import CodeFingerprint

    prints = {
        name: CodeFingerprint(f"{name}.py", K, 1, language="python", fp=io.StringIO(source))
        for name, source in sources.items() if source.strip()
    }  # fmt: skip
    common = _common([fingerprint.hashes for fingerprint in prints.values()])
    pairs = []
    for (first, one), (second, other) in combinations(prints.items(), 2):
        mine, yours = one.hashes - common, other.hashes - common
        smaller = min(len(mine), len(yours))
        if smaller:
            pairs.append(Pair(first, second, len(mine & yours) / smaller))
    return sorted((p for p in pairs if p.share >= ALIKE), key=lambda p: -p.share)


def _common(prints: Sequence[set[int]]) -> set[int]:
    """What more than COMMON of at least five programs have."""
    if len(prints) < 5:
        return set()
    counts: dict[int, int] = defaultdict(int)
    for one in prints:
        for value in one:
            counts[value] += 1
    return {value for value, count in counts.items() if count > COMMON * len(prints)}


def _cells(row: Row) -> list[str]:
    if row.grade is None:
        return [row.student, row.verdict, "0", "0", row.trouble, "", ""]
    finding = row.grade.findings[0] if row.grade.findings else None
    passed = sum(test.verdict == "AC" for test in row.grade.tests)
    growth = row.grade.growth.law if row.grade.growth else ""
    line = str(finding.line) if finding and finding.line else ""
    return [
        row.student,
        row.verdict,
        str(passed),
        str(len(row.grade.tests)),
        row.mistake,
        line,
        growth,
    ]


def _harmless(cell: str) -> str:
    """A spreadsheet takes a cell that begins with one of these for a formula."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r" else cell


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
