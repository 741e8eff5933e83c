"""Exercises: a folder with `exercise.toml` and a reference solution, read strictly."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from lemmata.apps.tutor.inputs import Kind, Values, kind_of
from lemmata.apps.tutor.layout import refuse_unknown, written
from lemmata.errors import BadData, BadInput
from lemmata.verify.sandbox.limits import Limits

SUBJECTS = ("program", "mathematics")
Style = Literal["function", "stdin"]
Program = Literal["python", "cpp"]
STYLES = ("function", "stdin")
SUFFIXES: dict[str, Program] = {".py": "python", ".cpp": "cpp", ".cc": "cpp", ".cxx": "cpp"}
LEVELS = (1, 2, 3, 4)
LONGEST = 100_000
"""Characters of a submission."""
_KEYS = {
    "title", "statement", "subject", "function", "keeps_input", "complexity", "help", "limits",
    "tests", "inputs", "gold", "style", "layout",
}  # fmt: skip


class Unusable(BadInput):
    """A submission that is none: empty, too long, or not of the exercise's kind."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test: arguments, or a size of which an input is made by a fixed seed."""

    args: tuple[Any, ...] | None
    size: int = 0
    visible: bool = False


@dataclass(frozen=True, slots=True)
class Exercise:
    """What a teacher sets. Texts are by language, `en` or `zh`; one may be missing."""

    id: str
    folder: Path
    title: dict[str, str]
    statement: dict[str, str]
    subject: Literal["program", "mathematics"] = "program"
    style: Style = "function"
    """Whether a function is called or a program reads its input and writes."""
    layout: tuple[str, ...] = ()
    """Of a program's input (layout.py)."""
    function: str = ""
    reference: str = ""
    spoken: Program = "python"
    """The language of the reference."""
    keeps_input: bool = True
    """A submission that changes its arguments is wrong."""
    complexity: str = ""
    """The growth that the teacher asks for, as in `n log n`."""
    help: int = 4
    """The highest hint that students get, 0 to 4."""
    limits: Limits = field(default_factory=Limits)
    tests: tuple[Case, ...] = ()
    inputs: tuple[Kind, ...] = ()
    """How each argument is made; their number is the function's."""
    gold: str = ""

    def text(self, of: Literal["title", "statement"], language: str) -> str:
        texts = self.title if of == "title" else self.statement
        return texts.get(language) or next(iter(texts.values()))

    @property
    def programs(self) -> tuple[Program, ...]:
        """The languages of submissions: only what reads and writes may be in C++."""
        if self.subject != "program":
            return ()
        return ("python", "cpp") if self.style == "stdin" else ("python",)

    def written(self, args: Values) -> str:
        """The input of a program for these values."""
        return written(self.layout, dict(zip((k.name for k in self.inputs), args, strict=True)))

    def call(self, args: Values, most: int = 10_000) -> str:
        """What is run, as a student would write it: `f(1, [2])`, or the input with ⏎ between its
        lines. Each value, or the input, is cut to `most` characters."""
        if self.style == "stdin":
            return cut(self.written(args).rstrip("\n").replace("\n", " ⏎ ") or "⏎", most)
        return f"{self.function}({', '.join(cut(repr(value), most) for value in args)})"

    def allow_hint(self, level: int) -> None:
        """Raises BadInput above the teacher's cap."""
        if not 1 <= level <= self.help:
            raise BadInput(
                f"hints of level {level} are not given for this exercise",
                f"Ask for 1 to {self.help}." if self.help else "It has none.",
            )


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def refuse_unusable(text: str) -> None:
    """Raises Unusable for a text that cannot be graded."""
    if not text.strip():
        raise Unusable("the submission is empty", "Give a file with something in it.")
    if len(text) > LONGEST or "\0" in text:
        raise Unusable(f"the submission is no text, or longer than {LONGEST} characters")


def open_exercise(name: str | Path) -> Exercise:
    """An exercise by the name of one that is shipped, or by its folder.

    Raises BadInput where there is none, BadData where it is malformed, with the place."""
    for folder in (Path(name), shipped() / Path(name).name):
        if (folder / "exercise.toml").is_file():
            return read(folder)
    raise BadInput(f"there is no exercise {name}", "See: lemmata tutor list")


class Shelf:
    """The exercises that a server offers by name: the shipped ones and a folder of the teacher's,
    which come first. A name is never taken for a path."""

    def __init__(self, own: Path) -> None:
        self._own = own

    def names(self) -> list[str]:
        return sorted({path.parent.name for path in self._own.glob("*/exercise.toml")} | {*names()})

    def open(self, name: str) -> Exercise:
        """Raises BadInput (none of this name), BadData."""
        if name not in self.names():
            raise BadInput(f"there is no exercise {name}", "See: lemmata tutor list")
        return read(self.folder(name))

    def folder(self, name: str) -> Path:
        """Where the exercise of this name lies, if there is one."""
        own = self._own / name
        return own if (own / "exercise.toml").is_file() else shipped() / name


def shipped() -> Path:
    """The folder of the exercises that come with Lemmata."""
    return Path(str(resources.files("lemmata.apps.tutor") / "exercises"))


def names() -> list[str]:
    """The shipped exercises."""
    return sorted(path.parent.name for path in shipped().glob("*/exercise.toml"))


def read(folder: Path) -> Exercise:
    """Raises BadData naming the file and the key."""
    place = f"{folder.name}/exercise.toml"
    try:
        raw = tomllib.loads((folder / "exercise.toml").read_text(encoding="utf-8"))
    except OSError as error:
        raise BadData(f"cannot read {place}: {error.strerror}") from None
    except ValueError as error:
        raise BadData(f"cannot read {place}: {error}", "Mend it, or make it anew.") from None
    unknown = sorted(set(raw) - _KEYS)
    if unknown:
        raise BadData(
            f"{place} has the unknown key {unknown[0]}", f"Known: {', '.join(sorted(_KEYS))}."
        )
    try:
        return _exercise(folder, raw)
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise BadData(f"{place} is no exercise: {_why(error)}", "Mend it.") from None


def _why(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    return str(error.strerror if isinstance(error, OSError) else error)


def _exercise(folder: Path, raw: dict[str, Any]) -> Exercise:
    subject = raw.get("subject", "program")
    if subject not in SUBJECTS:
        raise ValueError(f"subject is {subject!r}, not one of {', '.join(SUBJECTS)}")
    common = {
        "id": folder.resolve().name, "folder": folder, "subject": subject,
        "title": _texts(raw, "title"), "statement": _texts(raw, "statement"),
        "help": _level(raw.get("help", 4)),
    }  # fmt: skip
    if subject == "mathematics":
        return Exercise(gold=_text(raw, "gold"), **common)
    inputs = tuple(kind_of(row) for row in _tables(raw, "inputs"))
    tests = tuple(_case(row, len(inputs)) for row in _tables(raw, "tests"))
    if not tests:
        raise ValueError("no tests")
    style = raw.get("style", "function")
    if style not in STYLES:
        raise ValueError(f"style is {style!r}, not one of {', '.join(STYLES)}")
    layout = tuple(map(str, raw.get("layout", ())))
    if style == "stdin":
        refuse_unknown(layout, [kind.name for kind in inputs])
    reference = next(
        (f for f in _references(folder, style) if f.is_file()), folder / "reference.py"
    )
    complexity = str(raw.get("complexity", ""))
    if complexity and not any(kind.grows for kind in inputs):
        raise ValueError(f"complexity is {complexity!r}, but no input has grows = true")
    return Exercise(
        style=style, layout=layout, spoken=SUFFIXES[reference.suffix],
        function=_text(raw, "function") if style == "function" else "",
        reference=_source(reference),
        keeps_input=bool(raw.get("keeps_input", True)),
        complexity=complexity,
        limits=_limits(raw.get("limits", {})),
        tests=tests, inputs=inputs, **common,
    )  # fmt: skip


def _references(folder: Path, style: str) -> list[Path]:
    names = ("reference.cpp", "reference.py") if style == "stdin" else ("reference.py",)
    return [folder / name for name in names]


def _source(reference: Path) -> str:
    if not reference.is_file():
        raise ValueError(f"{reference.name} is missing")
    return reference.read_text(encoding="utf-8")


def _limits(given: Any) -> Limits:
    known = [field.name for field in fields(Limits)]
    if not isinstance(given, dict) or set(given) - set(known):
        raise ValueError(f"limits are a table with {', '.join(known)}")
    if any(
        isinstance(value, bool) or not isinstance(value, (int, float)) for value in given.values()
    ):
        raise ValueError("limits are numbers")
    return Limits(**given)


def _tables(raw: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = raw.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"each of {name} is a table that begins with [[{name}]]")
    return [dict(row) for row in rows]


def _text(raw: dict[str, Any], name: str) -> str:
    if not isinstance(raw.get(name), str) or not raw[name].strip():
        raise ValueError(f"{name} is missing")
    return str(raw[name])


def _texts(raw: dict[str, Any], name: str) -> dict[str, str]:
    given = raw.get(name)
    texts = {"en": given} if isinstance(given, str) else given
    if not isinstance(texts, dict) or not texts or set(texts) - {"en", "zh"}:
        raise ValueError(f"{name} must be a text, or one for en and one for zh")
    return {str(language): str(text).strip() for language, text in texts.items()}


def _level(given: Any) -> int:
    if given not in (0, *LEVELS):
        raise ValueError(f"help is {given!r}, not 0 to 4")
    return int(given)


def _case(row: dict[str, Any], arity: int) -> Case:
    if set(row) - {"args", "size", "visible"} or ("args" in row) == ("size" in row):
        raise ValueError("a test has either args or size, and visible or not")
    if not isinstance(row.get("args", []), list) or type(row.get("size", 0)) is not int:
        raise ValueError(
            "the args of a test are a list with one value for each input, its size a number"
        )
    if "args" in row and len(row["args"]) != arity:
        raise ValueError(f"a test has {len(row['args'])} arguments, inputs describe {arity}")
    args = tuple(row["args"]) if "args" in row else None
    return Case(args, int(row.get("size", 0)), bool(row.get("visible", False)))
