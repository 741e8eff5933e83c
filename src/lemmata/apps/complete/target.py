"""What is to be completed: a file, the TODO in it, and what stands round it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lemmata.apps.complete import comment, outline
from lemmata.apps.complete.comment import Todo
from lemmata.apps.complete.languages import PYTHON, Language, language_of
from lemmata.apps.complete.outline import Function
from lemmata.errors import BadInput

LARGEST = 400_000
"""Characters of a file."""


@dataclass(frozen=True, slots=True)
class Target:
    """`lines` are without their ends, which are `newline`; `near` are files that the code may
    import, by path."""

    path: str
    lines: tuple[str, ...]
    language: Language
    todo: Todo
    function: Function | None
    newline: str = "\n"
    near: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def is_python(self) -> bool:
        return self.language is PYTHON


@dataclass(frozen=True, slots=True)
class Place:
    """Where: lines [first, last), counted from 0; or a function of that name; or neither, which is
    the first TODO of the file."""

    first: int | None = None
    last: int | None = None
    function: str = ""


def find(
    path: str,
    text: str,
    place: Place | None = None,
    language: str = "",
    near: Mapping[str, str] | None = None,
) -> Target:
    """The TODO at that place. Raises BadInput where there is none."""
    if len(text) > LARGEST:
        raise BadInput(f"{path} has {len(text):,} characters", f"At most {LARGEST:,} are read.")
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = tuple(text.replace("\r\n", "\n").split("\n"))
    spoken, place = language_of(path, language), place or Place()
    search = _function if place.function else _todo
    todo = search(path, lines, spoken, place)
    function = None
    if spoken is PYTHON:
        tree = outline.parse_or_say(outline.standing_in(lines, todo))
        if isinstance(tree, str):
            raise BadInput(f"{path} does not parse beside its TODO: {tree}", "Mend it first.")
        function = outline.enclosing(tree, todo)
        if function is not None and todo.first == todo.last:
            function = replace(function, last=function.last - 1)  # the line that stood in
    return Target(path, lines, spoken, todo, function, newline, near or {})


def _todo(path: str, lines: tuple[str, ...], language: Language, place: Place) -> Todo:
    if place.first is None:
        marked = (at for at, line in enumerate(lines) if comment.TODO.search(line))
        few = itertools.islice(marked, comment.REACH)
        todos = (comment.find(lines, language, at, at + 1) for at in few)
        found = next((todo for todo in todos if todo), None)
        if found is None:
            raise BadInput(f"there is no TODO comment in {path}", "Write one, or name a function.")
        return found
    last = place.first + 1 if place.last is None else place.last
    found = comment.find(lines, language, place.first, last)
    if found is None:
        raise BadInput(
            f"line {place.first + 1} of {path} is no TODO comment",
            "Select a comment that says what is to be done.",
        )
    return found


def _function(path: str, lines: tuple[str, ...], language: Language, place: Place) -> Todo:
    """The TODO inside a function, else its whole body."""
    if language is not PYTHON:
        raise BadInput(f"functions are known by name in Python only, not in {path}", "Give a line.")
    tree = outline.parse("\n".join(lines))
    known = (
        [f for f in outline.functions(tree) if place.function in (f.name, f.plain)] if tree else []
    )
    if known:
        return _body(lines, language, known[0])
    span = _span(lines, place.function.rpartition(".")[2])
    marked = comment.find(lines, language, *span) if span else None
    if marked is None:
        why = "does not parse, or has no function" if tree is None else "has no function"
        raise BadInput(f"{path} {why} {place.function}", "Mend it, or give the line of a TODO.")
    return marked


def _body(lines: tuple[str, ...], language: Language, function: Function) -> Todo:
    """The TODO in a function that parses, else all of its body."""
    marked = comment.find(lines, language, function.node.lineno, function.last)
    if marked is not None and any(
        comment.TODO.search(s) for s in lines[function.first : marked.last]
    ):
        return marked
    begins = function.node.body[0].lineno - 1
    if begins == function.node.lineno - 1:
        raise BadInput(f"{function.name} stands in one line", "Give its body a line of its own.")
    indent = lines[begins][: _margin(lines[begins])]
    words = function.docstring or f"Write the body of {function.name}."
    return Todo(function.body, function.last, indent, words, 0)


def _span(lines: tuple[str, ...], name: str) -> tuple[int, int] | None:
    """The lines of a function in a file that does not parse, for want of the body that is asked
    for: those indented under its head."""
    heads = (f"def {name}(", f"async def {name}(")
    first = next((at for at, line in enumerate(lines) if line.strip().startswith(heads)), None)
    if first is None:
        return None
    margin = _margin(lines[first])
    inside = range(first + 1, len(lines))
    ends = (at for at in inside if lines[at].strip() and _margin(lines[at]) <= margin)
    last = next((at for at in ends if not lines[at].lstrip().startswith(")")), len(lines))
    return first + 1, last


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())
