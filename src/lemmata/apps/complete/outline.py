"""What Python code says about itself: the function round a line, its arguments, its docstring."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lemmata.apps.complete.comment import Todo

Def = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Function:
    """`name` is `f`, or `Class.method`. Lines are counted from 0, spans half-open; the `body` is
    what comes after the docstring."""

    name: str
    node: Def
    first: int
    body: int
    last: int
    docstring: str
    nested: bool
    """It stands inside another function, so nobody can call it from outside."""

    @property
    def plain(self) -> str:
        return self.node.name


def parse(text: str) -> ast.Module | None:
    """The tree of a text that may be anything; None where it is no Python."""
    return tree if isinstance(tree := parse_or_say(text), ast.Module) else None


def parse_or_say(text: str) -> ast.Module | str:
    """The tree, or in a few words why there is none."""
    try:
        return ast.parse(text)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error) or type(error).__name__


def standing_in(lines: Sequence[str], todo: Todo) -> str:
    """The file with `pass` in place of the TODO, line for line: a function of which nothing else is
    there would not parse."""
    blank = [""] * (todo.last - todo.first - 1)
    return "\n".join([*lines[: todo.first], f"{todo.indent}pass", *blank, *lines[todo.last :]])


def functions(tree: ast.Module) -> Iterator[Function]:
    """Every function, outer ones before those inside them. Without recursion: a file may be nested
    more deeply than Python's stack."""
    waiting: list[tuple[ast.AST, str, bool]] = [(tree, "", False)]
    while waiting:
        node, owner, nested = waiting.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield _function(child, owner, nested)
                waiting.append((child, "", True))
            elif isinstance(child, ast.ClassDef):
                waiting.append((child, f"{child.name}.", nested or bool(owner)))
            elif isinstance(child, (ast.stmt, ast.excepthandler, ast.match_case)):
                waiting.append((child, owner, nested))


def source(node: ast.AST) -> str:
    """The node as text; "" where it is nested too deeply to be written."""
    try:
        return ast.unparse(node)
    except RecursionError:
        return ""


def _function(node: Def, owner: str, nested: bool) -> Function:
    assert node.end_lineno is not None
    first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)]) - 1
    docstring = ast.get_docstring(node) or ""
    begins = node.body[0]
    body = (begins.end_lineno or begins.lineno) if docstring else begins.lineno - 1
    return Function(owner + node.name, node, first, body, node.end_lineno, docstring, nested)


def enclosing(tree: ast.Module, todo: Todo) -> Function | None:
    """The innermost function round a TODO."""
    found = [f for f in functions(tree) if f.first < todo.first < f.last]
    return found[-1] if found else None


def parameters(node: Def) -> tuple[str, ...]:
    """Names, in order, with their stars."""
    given = node.args
    names = [arg.arg for arg in (*given.posonlyargs, *given.args)]
    names += [f"*{given.vararg.arg}"] if given.vararg else []
    names += [arg.arg for arg in given.kwonlyargs]
    return (*names, *([f"**{given.kwarg.arg}"] if given.kwarg else []))


def is_undone(body: Sequence[ast.stmt]) -> bool:
    """Whether there is nothing in it but a docstring and something that stands in for code."""
    return all(_stands_in(statement) for statement in body)


def _stands_in(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Raise) and statement.exc is not None:
        return "NotImplementedError" in source(statement.exc)
    constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return constant or isinstance(statement, ast.Pass)
