"""Single edits of a submission. One that makes every input right proves where the mistake is."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Nature = Literal["off-by-one", "wrong-formula", "early-return", "wrong-variable"]
MOST = 320
ORDER = ("off-by-one", "early-return", "wrong-formula", "wrong-variable")
"""The commonest mistakes first."""

_BOUNDARY: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE,), ast.LtE: (ast.Lt,), ast.Gt: (ast.GtE,), ast.GtE: (ast.Gt,),
}  # fmt: skip
_CONTRARY: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.Gt, ast.GtE), ast.LtE: (ast.GtE, ast.Gt), ast.Gt: (ast.Lt, ast.LtE),
    ast.GtE: (ast.LtE, ast.Lt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,),
}  # fmt: skip
_OPERATORS: tuple[type[ast.operator], ...] = (
    ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Div, ast.Mod,
)  # fmt: skip
_SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A program that differs by one edit: on which line, of what nature, from what to what."""

    source: str
    line: int
    nature: Nature
    before: str
    after: str


def mutants(source: str) -> list[Mutant]:
    """At most MOST, the commonest mistakes first. Raises SyntaxError."""
    tree = ast.parse(source)
    edits = sorted(_edits(tree), key=lambda edit: ORDER.index(edit[3]))
    made = [*_returns_moved(tree), *(_made(tree, *edit) for edit in edits[:MOST])]
    made.sort(key=lambda mutant: ORDER.index(mutant.nature))
    return list({mutant.source: mutant for mutant in made}.values())[:MOST]


Edit = tuple[int, str, Callable[[ast.AST], ast.AST], Nature]
"""The place of the parent in a walk, its field, the change of the child, the nature."""


def _edits(tree: ast.Module) -> Iterator[Edit]:
    names = _own_names(tree)
    for number, parent in enumerate(ast.walk(tree)):
        for name, value in ast.iter_fields(parent):
            children = value if isinstance(value, list) else [value]
            for place, child in enumerate(children):
                if isinstance(child, ast.expr):
                    path = f"{name}[{place}]" if isinstance(value, list) else name
                    for change, nature in _changes(parent, child):
                        yield number, path, change, nature
                    if isinstance(child, ast.Name) and child.id in names:
                        for other in sorted(names - {child.id}) if _is_read(child) else ():
                            yield number, path, _with(id=other), "wrong-variable"


def _own_names(tree: ast.Module) -> set[str]:
    """Arguments and variables of the program's functions."""
    nodes = list(ast.walk(tree))
    made = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return made | {n.arg for n in nodes if isinstance(n, ast.arg)}


def _is_read(child: ast.Name) -> bool:
    return isinstance(child.ctx, ast.Load)


def _returns_moved(tree: ast.Module) -> Iterator[Mutant]:
    """Every loop that may return on its first pass, with that `return` behind it or left out."""
    for number, node in enumerate(ast.walk(tree)):
        if not isinstance(node, (ast.For, ast.While)):
            continue
        last = node.body[-1]
        if isinstance(last, ast.Return):
            yield _return_moved(tree, number, last)
        if isinstance(last, ast.If) and last.orelse and isinstance(last.orelse[-1], ast.Return):
            yield _return_left_out(tree, number, last.orelse[-1])


def _return_moved(tree: ast.Module, number: int, said: ast.Return) -> Mutant:
    grown = copy.deepcopy(tree)
    nodes = list(ast.walk(grown))
    loop = nodes[number]
    assert isinstance(loop, (ast.For, ast.While))
    moved = loop.body.pop()
    loop.body = loop.body or [ast.Pass()]
    for node in nodes:
        for block in (value for _, value in ast.iter_fields(node) if isinstance(value, list)):
            if loop in block:
                block.insert(block.index(loop) + 1, moved)
    return _structural(grown, said, "behind the loop")


def _return_left_out(tree: ast.Module, number: int, said: ast.Return) -> Mutant:
    grown = copy.deepcopy(tree)
    loop = next(node for place, node in enumerate(ast.walk(grown)) if place == number)
    assert isinstance(loop, (ast.For, ast.While))
    choice = loop.body[-1]
    assert isinstance(choice, ast.If)
    choice.orelse.pop()
    return _structural(grown, said, "left out")


def _structural(grown: ast.Module, said: ast.Return, place: str) -> Mutant:
    return Mutant(
        ast.unparse(ast.fix_missing_locations(grown)), said.lineno, "early-return",
        ast.unparse(said), place,
    )  # fmt: skip


def _changes(
    parent: ast.AST, child: ast.expr
) -> Iterator[tuple[Callable[[ast.AST], ast.AST], Nature]]:
    if isinstance(child, ast.Compare):
        yield from _comparisons(child)
    elif isinstance(child, ast.BinOp):
        for kind in _OPERATORS:
            if not isinstance(child.op, kind):
                yield _with(op=kind()), "wrong-formula"
        yield _swapped_sides, "wrong-formula"
    elif isinstance(child, ast.Name) and child.id in _SWAPPED:
        yield _with(id=_SWAPPED[child.id]), "wrong-formula"
    if _is_number(parent, child):
        for step in (1, -1):
            yield _plus(step), "off-by-one"
    if isinstance(parent, ast.Slice):
        yield (lambda _: ast.Constant(None)), "off-by-one"


def _comparisons(child: ast.Compare) -> Iterator[tuple[Callable[[ast.AST], ast.AST], Nature]]:
    for kind in _BOUNDARY.get(type(child.ops[0]), ()):
        yield _with(ops=[kind(), *child.ops[1:]]), "off-by-one"
    for kind in _CONTRARY.get(type(child.ops[0]), ()):
        yield _with(ops=[kind(), *child.ops[1:]]), "wrong-formula"


def _is_number(parent: ast.AST, child: ast.expr) -> bool:
    """An integer, or whatever stands where a bound or a result is one."""
    if isinstance(child, ast.Constant):
        return type(child.value) is int and not isinstance(parent, ast.Expr)
    if isinstance(parent, ast.Call):
        ranged = isinstance(parent.func, ast.Name) and parent.func.id == "range"
        return child is not parent.func and (ranged or isinstance(child, ast.BinOp))
    if isinstance(parent, ast.Subscript):
        return child is parent.slice and not isinstance(child, (ast.Slice, ast.Tuple))
    if isinstance(parent, (ast.Slice, ast.Compare)):
        return not isinstance(child, (ast.List, ast.Dict, ast.Set, ast.JoinedStr))
    return isinstance(parent, ast.Return) and not isinstance(
        child, (ast.List, ast.Tuple, ast.Dict, ast.Compare, ast.BoolOp, ast.JoinedStr)
    )


def _with(**fields: object) -> Callable[[ast.AST], ast.AST]:
    def change(child: ast.AST) -> ast.AST:
        changed = copy.copy(child)
        for name, value in fields.items():
            setattr(changed, name, value)
        return changed

    return change


def _plus(step: int) -> Callable[[ast.AST], ast.AST]:
    def change(child: ast.AST) -> ast.AST:
        assert isinstance(child, ast.expr)
        if isinstance(child, ast.Constant):
            assert isinstance(child.value, int)
            return ast.Constant(child.value + step)
        sign = ast.Add() if step > 0 else ast.Sub()
        return ast.BinOp(child, sign, ast.Constant(1))

    return change


def _swapped_sides(child: ast.AST) -> ast.AST:
    assert isinstance(child, ast.BinOp)
    return ast.BinOp(child.right, child.op, child.left)


def _made(
    tree: ast.Module, number: int, path: str, change: Callable[[ast.AST], ast.AST], nature: Nature
) -> Mutant:
    grown = copy.deepcopy(tree)
    parent = next(node for place, node in enumerate(ast.walk(grown)) if place == number)
    name, _, index = path.rstrip("]").partition("[")
    value = getattr(parent, name)
    child = value[int(index)] if index else value
    changed = ast.copy_location(change(child), child)
    if index:
        value[int(index)] = changed
    else:
        setattr(parent, name, changed)
    return Mutant(
        ast.unparse(ast.fix_missing_locations(grown)),
        child.lineno, nature, ast.unparse(child), ast.unparse(changed),
    )  # fmt: skip
