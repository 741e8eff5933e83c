"""The examples that a note gives for a program: doctests, assertions, samples in the text."""

from __future__ import annotations

import ast
import doctest
from dataclasses import dataclass

from lemmata.solve.programs import statement
from lemmata.verify import Asserts, Call, Stdio

LANGUAGES = {"python": "python", "py": "python", "cpp": "cpp", "c++": "cpp"}
MOST = 50


@dataclass(frozen=True, slots=True)
class Given:
    """One example: as it stands in the note, and as a test."""

    shown: str
    test: Call | Stdio | Asserts


@dataclass(frozen=True, slots=True)
class Program:
    """What is run, and by what it is judged. `fault` is why it cannot be run, "" if it can."""

    code: str
    examples: tuple[Given, ...]
    fault: str = ""


def read(code: str, language: str, around: str) -> Program:
    """The program of a code block and its examples; `around` is the text that goes with it.

    Nothing is evaluated. Assertions leave the program: they are judged from outside it.
    """
    if language == "cpp":
        return Program(code, _samples(around, frozenset()))
    try:
        tree = ast.parse(_without_shell(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        place = f"line {line}: " if line else ""
        return Program(code, (), f"{place}{getattr(error, 'msg', None) or error}")
    names = frozenset(
        node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    )
    shown = "\n\n".join([*_docstrings(tree), _shell(code)])
    given = [*_doctests(shown, names), *_assertions(tree, names), *_samples(around, names)]
    tree.body = [node for node in tree.body if not isinstance(node, ast.Assert)]
    unique = {example.shown: example for example in given}
    return Program(ast.unparse(tree), tuple(unique.values())[:MOST])


def _without_shell(code: str) -> str:
    """A block may show calls at a prompt: those lines and what they printed are not the program."""
    return "\n".join(line for line, shell in _lines(code) if not shell)


def _shell(code: str) -> str:
    return "\n".join(line if shell else "" for line, shell in _lines(code))


def _lines(code: str) -> list[tuple[str, bool]]:
    """The lines of a block, and whether each shows a call at a prompt or what it printed."""
    told, inside = [], False
    for line in code.split("\n"):
        inside = line.startswith((">>> ", "... ")) or (inside and bool(line.strip()))
        told.append((line, inside))
    return told


def _docstrings(tree: ast.Module) -> list[str]:
    kinds = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [ast.get_docstring(n) or "" for n in ast.walk(tree) if isinstance(n, kinds)]


def _doctests(shown: str, names: frozenset[str]) -> list[Given]:
    try:
        found = doctest.DocTestParser().get_examples(shown)
    except ValueError:
        return []
    given = []
    for example in found:
        try:
            expression = ast.parse(example.source.strip(), mode="eval")
            wanted = ast.literal_eval(example.want.strip())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        called = _called(expression, names)
        if len(called) == 1:
            told = f"{ast.unparse(expression)} == {wanted!r}"
            code = f"assert ({ast.unparse(expression)}) == ({wanted!r})"
            test = _literal(expression.body, wanted) or Asserts(called.pop(), code)
            given.append(Given(told, test))
    return given


def _assertions(tree: ast.Module, names: frozenset[str]) -> list[Given]:
    found = []
    for node in tree.body:
        called = _called(node, names) if isinstance(node, ast.Assert) else set()
        if len(called) == 1:
            source = ast.unparse(node)
            test = _equation(node) or Asserts(called.pop(), source)
            found.append(Given(source.removeprefix("assert "), test))
    return found


def _equation(node: ast.stmt) -> Call | None:
    """`assert f(1, 2) == 3` as a call, which can tell what was returned instead."""
    match node:
        case ast.Assert(test=ast.Compare(left=left, ops=[ast.Eq()], comparators=[right])):
            try:
                return _literal(left, ast.literal_eval(right))
            except (ValueError, RecursionError, MemoryError):
                return None
    return None


def _literal(expression: ast.expr, wanted: object) -> Call | None:
    """A call of a function with plain values only."""
    match expression:
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            try:
                return Call(name, tuple(map(ast.literal_eval, args)), wanted)
            except (ValueError, RecursionError, MemoryError):
                return None
    return None


def _called(tree: ast.AST, names: frozenset[str]) -> set[str]:
    """The functions of the program that an expression calls."""
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {func.id for func in calls if isinstance(func, ast.Name)} & names


def _samples(around: str, names: frozenset[str]) -> tuple[Given, ...]:
    """Input and output pairs, or `f(2) -> 4`, of the text."""
    given = []
    for test in statement.read(around).examples:
        if isinstance(test, Call):
            if test.function in names:
                args = ", ".join(map(repr, test.args))
                given.append(Given(f"{test.function}({args}) == {test.expected!r}", test))
        elif isinstance(test, Stdio) and not names:
            shown = f"{test.stdin.strip()[:40]} → {test.expected.strip()[:40]}"
            given.append(Given(" ".join(shown.split()), test))
    return tuple(given)
