"""What the code will be run on: examples of docstring, comment and assertions, and inputs of the
annotated types where nobody gave an example."""

from __future__ import annotations

import ast
import doctest
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from lemmata.apps.complete import outline
from lemmata.apps.complete.languages import CPP
from lemmata.apps.complete.outline import Def, Function
from lemmata.apps.complete.target import Target
from lemmata.solve.programs import statement
from lemmata.solve.programs.statement import Statement
from lemmata.verify.cases import Asserts, Call, Stdio

MOST = 40
"""Examples that a candidate is run on."""
_PLAIN: dict[str, Any] = {
    "int": 6, "str": "abc ab", "float": 1.5, "bool": True, "bytes": b"ab",
    "list": [3, 1, 2], "List": [3, 1, 2], "Sequence": [3, 1, 2], "Iterable": [3, 1, 2],
    "tuple": (3, 1, 2), "set": {1, 2}, "dict": {"a": 1, "b": 2},
}  # fmt: skip
_SEQUENCES = {"list", "List", "Sequence", "Iterable", "Collection", "Iterator"}


def statement_of(target: Target) -> Statement:
    """The examples, and what inputs may look like."""
    told = statement.read(f"{_docstring(target)}\n\n{target.todo.words}")
    if not target.is_python:
        shown = tuple(e for e in told.examples if isinstance(e, Stdio))
        return replace(told, examples=shown if target.language is CPP else ())
    function = target.function
    if function is None:
        return told
    name = function.name
    calls = [
        _to(e, name) for e in told.examples if isinstance(e, Call) and e.function == function.plain
    ]
    found: list[Call | Asserts] = [*calls]
    for example in (*_doctests(function), *_asserted(target, function)):
        if example not in found:
            found.append(example)
    return Statement(tuple(found[:MOST]), shapes=shapes(function))


def _docstring(target: Target) -> str:
    return target.function.docstring if target.function else ""


def _to(call: Call, name: str) -> Call:
    return replace(call, function=name)


def _doctests(function: Function) -> Iterator[Call | Asserts]:
    """Of the docstring's shell sessions what compares with a value."""
    try:
        session = doctest.DocTestParser().get_examples(function.docstring[: statement.LONGEST])
    except ValueError:
        return
    before: list[str] = []
    for example in session:
        if not example.want:
            before.append(example.source.rstrip())
        elif example.exc_msg is None:
            made = _compared(example.source.strip(), example.want.strip(), function, before)
            if made is not None:
                yield made


def _compared(
    source: str, want: str, function: Function, before: Sequence[str]
) -> Call | Asserts | None:
    call = None if before else as_call(source, want, function)
    if call is not None:
        return call
    if "." in function.name or outline.parse(source) is None:
        return None
    shown = f"({source}) == ({want})" if _literal(want) else f"repr({source}) == {want!r}"
    return Asserts(function.name, "\n".join([*before, f"assert {shown}"]))


def as_call(source: str, want: str, function: Function) -> Call | None:
    """`f(1, key=2)` and its value, literals only; nothing is evaluated."""
    try:
        node = ast.parse(source, mode="eval").body
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            return None
        if node.func.id != function.plain or any(word.arg is None for word in node.keywords):
            return None
        args = tuple(ast.literal_eval(arg) for arg in node.args)
        kwargs = {str(word.arg): ast.literal_eval(word.value) for word in node.keywords}
        return Call(function.name, args, ast.literal_eval(want), kwargs)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _asserted(target: Target, function: Function) -> Iterator[Call]:
    """`assert f(1) == 2` of this file and of those beside it."""
    own = outline.standing_in(target.lines, target.todo)
    for text in (own, *target.near.values()):
        tree = outline.parse(text)
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.Assert) and (call := _of_assert(node, function)):
                yield call


def _of_assert(node: ast.Assert, function: Function) -> Call | None:
    test = node.test
    if (
        not isinstance(test, ast.Compare)
        or len(test.ops) != 1
        or not isinstance(test.ops[0], ast.Eq)
    ):
        return None
    return as_call(outline.source(test.left), outline.source(test.comparators[0]), function)


def shapes(function: Function) -> tuple[Call, ...]:
    """One call with arguments of the annotated types; none where a type is unknown."""
    if function.nested:
        return ()
    try:
        return (Call(function.name, tuple(_arguments(function.node, "." in function.name)), None),)
    except (LookupError, RecursionError):
        return ()


def _arguments(node: Def, method: bool) -> Iterator[Any]:
    given = node.args
    names = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(names) - len(given.defaults)) + list(given.defaults)
    if given.vararg or any(default is None for default in given.kw_defaults):
        raise LookupError
    pairs = list(zip(names, defaults, strict=True))
    for argument, default in pairs[1:] if method else pairs:
        if default is None:
            yield _value(argument.annotation)


def _value(annotation: ast.expr | None) -> Any:
    """A value of the annotated type. Raises LookupError where it is not one of the plain ones."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        inner = outline.parse(annotation.value)
        first = inner.body[0] if inner and inner.body else None
        annotation = first.value if isinstance(first, ast.Expr) else None
    if isinstance(annotation, (ast.Name, ast.Attribute)):
        return _PLAIN[annotation.id if isinstance(annotation, ast.Name) else annotation.attr]
    if isinstance(annotation, ast.BinOp):
        return _value(annotation.left)
    if isinstance(annotation, ast.Subscript):
        return _composed(outline.source(annotation.value).rpartition(".")[2], annotation.slice)
    raise LookupError


def _composed(outer: str, inner: ast.expr) -> Any:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if outer in _SEQUENCES:
        return [_value(parts[0])] * 3
    if outer in {"Optional", "Union"}:
        return _value(parts[0])
    if outer in {"tuple", "Tuple"}:
        fixed = [
            part for part in parts if not (isinstance(part, ast.Constant) and part.value is ...)
        ]
        return tuple(_value(part) for part in (fixed if len(fixed) == len(parts) else fixed * 3))
    if outer in {"dict", "Dict", "Mapping"}:
        return {_value(parts[0]): _value(parts[1])}
    if outer in {"set", "Set", "frozenset"}:
        return {_value(parts[0])}
    raise LookupError
