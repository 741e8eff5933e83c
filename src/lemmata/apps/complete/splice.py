"""Putting what a model wrote into the file: the block of code found, fitted and placed."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from lemmata.apps.complete import outline, splice_lines
from lemmata.apps.complete.outline import Function
from lemmata.apps.complete.reach import binds, needed
from lemmata.apps.complete.target import Target

LONGEST = 100_000
_HELPERS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign)
_BLOCK = re.compile(r"```(?P<language>[\w+#.-]*)[^\n]*\n(?P<code>.*?)(?:\n[ \t]*```|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Spliced:
    """The file with the code in it; or why the code fits nowhere, in one line."""

    text: str = ""
    refusal: str = ""


def splice(target: Target, derivation: str) -> Spliced:
    """What a model's text makes of the file. Bounded; executes nothing."""
    code = block_of(derivation)
    if code is None:
        return Spliced(refusal="it wrote no block of code")
    if len(code) > LONGEST:
        return Spliced(refusal=f"its code has {len(code):,} characters")
    if target.is_python:
        return _python(target, code)
    return Spliced(splice_lines.placed(target, code))


def block_of(derivation: str) -> str | None:
    """The longest fenced block of those that say most: a model explains with small ones."""
    blocks = [match["code"] for match in _BLOCK.finditer(derivation) if match["code"].strip()]
    return max(blocks, key=len, default=None)


def _python(target: Target, code: str) -> Spliced:
    code = textwrap.dedent(code.replace("\r\n", "\n").expandtabs(4)).strip("\n")
    tree = outline.parse_or_say(code)
    if isinstance(tree, str):
        return Spliced(refusal=f"its code does not parse: {tree}")
    lines = _whole(target, code, tree) or _part(target, code, tree)
    if isinstance(lines, str):
        return Spliced(refusal=lines)
    text = "\n".join(lines)
    if isinstance(fault := outline.parse_or_say(text), str):
        return Spliced(refusal=f"the file would not parse with its code: {fault}")
    if text == target.text:
        return Spliced(refusal="its code changes nothing")
    return Spliced(text)


def _whole(target: Target, code: str, tree: ast.Module) -> list[str] | str | None:
    """The file, where the code has the function that the TODO is in; None where it has not."""
    function = target.function
    if function is None:
        return None
    written = _written(function, tree)
    if written is None:
        return None
    if outline.parameters(written.node) != outline.parameters(function.node):
        return f"its code changes the parameters of {function.name}"
    if outline.is_undone(written.node.body):
        return f"its code leaves {function.name} undone"
    body = _body(code, written, keep_docstring=not function.docstring)
    keep = target.lines[: _head(target, function)]
    made = [*keep, *_indented(body, target, function), *_rest(target, function)]
    return _with_more(made, target, code, tree, written)


def _written(function: Function, tree: ast.Module) -> Function | None:
    """The function of that name; else the only one, if it takes the same and stands alone."""
    named = next((f for f in outline.functions(tree) if f.plain == function.plain), None)
    if named is not None:
        return named
    outer = [f for f in outline.functions(tree) if not f.nested]
    alone = len(outer) == len(tree.body) == 1
    same = alone and outline.parameters(outer[0].node) == outline.parameters(function.node)
    return outer[0] if same else None


def _head(target: Target, function: Function) -> int:
    """The line after the signature and the docstring; comments below them are the body's."""
    first = function.node.body[0]
    if function.docstring:
        return first.end_lineno or first.lineno
    at = first.lineno - 1
    while at - 1 >= function.node.lineno and target.lines[at - 1].lstrip().startswith("#"):
        at -= 1
    return at


def _rest(target: Target, function: Function) -> Sequence[str]:
    return target.lines[max(function.last, target.todo.last) :]


def _body(code: str, written: Function, *, keep_docstring: bool) -> list[str]:
    """The lines of a function's body, with the comments that stand before it."""
    lines = code.split("\n")
    statements = written.node.body
    start = statements[0].lineno - 1
    if written.docstring and not keep_docstring:
        start = statements[0].end_lineno or start
    elif start == written.node.lineno - 1:
        return [lines[start][statements[0].col_offset :]]
    while start - 1 >= written.node.lineno and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return textwrap.dedent("\n".join(lines[start : written.last])).strip("\n").split("\n")


def _indented(body: Sequence[str], target: Target, function: Function) -> list[str]:
    """Indented as the function's first statement is; the TODO itself may stand deeper."""
    place = function.node.body[0].lineno - 1
    margin = target.todo.indent
    if not target.todo.first <= place < max(target.todo.last, target.todo.first + 1):
        margin = target.lines[place][: len(target.lines[place]) - len(target.lines[place].lstrip())]
    return [margin + _own(line, target) if line.strip() else "" for line in body]


def _own(line: str, target: Target) -> str:
    """Indented by tabs where the file is."""
    if not target.todo.indent.startswith("\t"):
        return line
    depth = (len(line) - len(line.lstrip())) // 4
    return "\t" * depth + line.lstrip()


def _with_more(
    made: list[str], target: Target, code: str, tree: ast.Module, written: Function
) -> list[str]:
    """Imports and helpers that came with the function, those that it needs and the file lacks:
    above it. What else came, calls to show it off among it, is left out."""
    lines = code.split("\n")
    here = outline.parse(outline.standing_in(target.lines, target.todo))
    known = set().union(*(binds(node) for node in here.body)) if here else set()
    function = target.function
    assert function is not None
    helpers: list[str] = []
    imports: list[str] = []
    own = {name for n in tree.body if _spans(n, written.first) for name in binds(n)}
    for node in needed(tree, own):
        text = lines[_first(node) - 1 : node.end_lineno]
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            imports += [] if binds(node) <= known or _is_future(node) else text
        elif isinstance(node, _HELPERS) and not _spans(node, written.first):
            helpers += [] if binds(node) & known else [*text, "", ""]
    outer = next((n for n in (here.body if here else []) if _spans(n, function.first)), None)
    place = _first(outer) - 1 if outer else function.first
    made[place:place] = [_own(line, target) for line in helpers]
    place = _after_imports(here, place)
    made[place:place] = imports
    return made


def _spans(node: ast.stmt, line: int) -> bool:
    return _first(node) - 1 <= line < (node.end_lineno or 0)


def _first(node: ast.stmt) -> int:
    marks: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(mark.lineno for mark in marks)])


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _after_imports(tree: ast.Module | None, before: int) -> int:
    """The line after the imports above line `before`, else after the file's docstring, else 0."""
    body = [node for node in (tree.body if tree else []) if node.lineno <= before]
    at = (body[0].end_lineno or 0) if body and _is_docstring(body[0]) else 0
    imports = [n.end_lineno or 0 for n in body if isinstance(n, (ast.Import, ast.ImportFrom))]
    return max(imports, default=at)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _part(target: Target, code: str, tree: ast.Module) -> list[str] | str:
    """The file with the code in place of the TODO."""
    if outline.is_undone(tree.body):
        return "its code leaves the TODO undone"
    kept = code.split("\n")
    if target.function is None:
        kept = _without_show(code, tree)
    todo = target.todo
    made = [todo.indent + _own(line, target) if line.strip() else "" for line in kept]
    return [*target.lines[: todo.first], *made, *target.lines[todo.last :]]


def _without_show(code: str, tree: ast.Module) -> list[str]:
    """Where functions were asked for, the calls below that show them off are left out."""
    lines = code.split("\n")
    if not any(isinstance(n, (ast.FunctionDef, ast.ClassDef)) for n in tree.body):
        return lines
    wanted = [n for n in tree.body if not isinstance(n, (ast.Expr, ast.Assert, ast.If, ast.For))]
    return lines[: max(n.end_lineno or 0 for n in wanted)]
