"""Placing code in a language that is not parsed here: by its first line, its braces, its indent."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from lemmata.apps.complete import comment
from lemmata.apps.complete.target import Target


def placed(target: Target, code: str) -> str:
    """The file with the code in it. Where the code begins with a line that stands above the TODO,
    as a function's head does, it takes the place of all that this line opens; under a TODO that has
    its function's stub below it, of both; else of the TODO."""
    body = textwrap.dedent(code.replace("\r\n", "\n")).strip("\n").split("\n")
    stub = comment.stub_below(target.lines, target.todo.last)
    if stub is not None:
        return _written(target, body, *stub)
    first, last = _replaced(target, body)
    indent = _indent(target.lines[first]) if first < target.todo.first else target.todo.indent
    made = [indent + line if line.strip() else "" for line in body]
    return "\n".join([*target.lines[:first], *made, *target.lines[last:]])


def _written(target: Target, body: Sequence[str], head: int, end: int) -> str:
    """The file with the stub written, by the whole function or by its body alone."""
    lines, opening = target.lines, "".join(target.lines[head].split())
    begins = [at for at, line in enumerate(body) if "".join(line.split()) == opening]
    indent = _indent(lines[head])
    if begins:  # a model that repeats itself is heard once
        ends = end_of_block(body, begins[0]) if len(begins) > 1 else len(body)
        made = [indent + line if line.strip() else "" for line in body[begins[0] : ends]]
    else:
        inner = indent + ("\t" if any(line.startswith("\t") for line in lines) else "    ")
        written = [inner + line if line.strip() else "" for line in body]
        made = [lines[head], *written, lines[end - 1]]
    return "\n".join([*lines[: target.todo.first], *made, *lines[end:]])


def _replaced(target: Target, body: Sequence[str]) -> tuple[int, int]:
    lines, todo = target.lines, target.todo
    head = "".join(body[0].split())
    for at in range(todo.first - 1, -1, -1):
        if len(head) > 2 and "".join(lines[at].split()) == head:
            last = end_of_block(lines, at)
            return (at, last) if last >= todo.last else (todo.first, todo.last)
    return todo.first, todo.last


def end_of_block(lines: Sequence[str], first: int) -> int:
    """The line after what line `first` opens: to where its braces are closed, or, without braces,
    as far as lines are indented under it."""
    depth = 0
    for at in range(first, len(lines)):
        depth += lines[at].count("{") - lines[at].count("}")
        if depth <= 0 and "}" in lines[at]:
            return at + 1
        if at > first and depth == 0 and "{" not in "".join(lines[first : at + 1]):
            break
    margin = len(_indent(lines[first]))
    for at in range(first + 1, len(lines)):
        if lines[at].strip() and len(_indent(lines[at])) <= margin:
            closes = lines[at].strip() in {"end", "fi", "done", ")"}
            return at + 1 if closes else at
    return len(lines)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
