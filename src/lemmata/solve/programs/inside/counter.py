"""Runs a program and counts its steps; runs inside the sandbox, with nothing else of Lemmata.

A step is an executed bytecode, or an item that a built-in function or operator goes through:
`sum(x)` is a few bytecodes and len(x) items. For these the calls and operators of the program are
wrapped where they stand, so that everything is still called from the program's own frames. Prices
are those of CPython at its worst: a search that finds nothing, a sort of what has no order. Numbers
are free, however long.
"""

import ast
import itertools
import sys
from collections import deque
from collections.abc import Callable, Iterator
from math import log2
from operator import length_hint
from types import BuiltinFunctionType, FunctionType
from typing import Any

NAME = "counted program"
Price = Callable[[Any, tuple[Any, ...]], float]
"""Of the value that a method belongs to (or None) and the arguments."""
COPIED = (list, tuple, str, bytes, bytearray, set, frozenset, dict)
VIEWS: tuple[type, ...] = (type({}.keys()), type({}.values()), type({}.items()))
SIZED: tuple[Any, ...] = (*COPIED, range, deque, *VIEWS)
SEARCHED: tuple[type, ...] = (list, tuple, str, bytes, bytearray, deque, type({}.values()))
"""In these, `in` looks at one item after the other."""
LAZY = (map, filter, zip, enumerate, *(v for v in vars(itertools).values() if type(v) is type))
"""Their items count when they are taken."""
_EMPTY: tuple[Any, ...] = ([], {}, range(0), {}.values(), {}.items(), (), "", set())
ITERATORS = (*(type(iter(value)) for value in _EMPTY), *(type(reversed(v)) for v in _EMPTY[:5]))


def size(value: Any) -> int:
    """How many items it holds or, of an iterator, has left; 0 for all that is not built in."""
    if isinstance(value, SIZED):
        return len(value)
    return length_hint(value, 0) if type(value) in ITERATORS else 0


def _own(owner: Any, _: tuple[Any, ...]) -> float:
    return size(owner)


def _all(_: Any, args: tuple[Any, ...]) -> float:
    return sum(map(size, args))


def _both(owner: Any, args: tuple[Any, ...]) -> float:
    return size(owner) + _all(owner, args)


def _extreme(_: Any, args: tuple[Any, ...]) -> float:
    return size(args[0]) if len(args) == 1 else len(args)


def _sorting(owner: Any, args: tuple[Any, ...]) -> float:
    n = size(args[0] if owner is None and args else owner)
    return n * log2(n + 1)


def _halving(_: Any, args: tuple[Any, ...]) -> float:
    return log2(size(args[0]) + 1) if args else 0


def _shifting(owner: Any, args: tuple[Any, ...]) -> float:
    """Of `pop(i)` and `insert(i, x)`: the items behind it move."""
    at = args[0] if args and isinstance(args[0], int) else size(owner)
    return max(0, size(owner) - at if at >= 0 else -at)


def _free(_: Any, __: tuple[Any, ...]) -> float:
    return 0


def _each(names: str, price: Price) -> dict[str, Price]:
    return dict.fromkeys(names.split(), price)


FUNCTIONS: dict[str, Price] = {
    **_each("sum any all list tuple set frozenset dict bytes bytearray str repr", _all),
    **_each("Counter OrderedDict deque prod fsum mean fmean copy deepcopy", _all),
    **_each("reduce heapify nlargest nsmallest insort_left insort_right", _all),
    **_each("findall split sub match search fullmatch chain.from_iterable", _all),
    **_each("bisect_left bisect_right heappush heappop heappushpop heapreplace", _halving),
    **{kind.__name__: _free for kind in LAZY},
    **_each("sorted median", _sorting),
    **_each("max min", _extreme),
}
LIBRARIES = ("builtins", "itertools", "collections", "functools", "_functools", "heapq", "_heapq",
             "_bisect", "math", "statistics", "copy", "re")  # fmt: skip
LIST: dict[str, Price] = {
    **_each("index count remove copy reverse", _own),
    **_each("extend extendleft", _all),
    **_each("pop insert", _shifting),
    "sort": _sorting,
}
SET: dict[str, Price] = {
    **_each("union difference symmetric_difference intersection issubset isdisjoint", _both),
    **_each("issuperset update difference_update", _all),
    "copy": _own,
}
SHORT = ("startswith", "endswith", "format", "isascii")
TEXT: dict[str, Price] = {n: _own for n in dir(str) if not (n.startswith("_") or n in SHORT)}
METHODS: dict[type, dict[str, Price]] = {
    list: LIST, deque: {**LIST, "pop": _free}, tuple: LIST, set: SET, frozenset: SET,
    dict: {"copy": _own, "update": _all}, str: {**TEXT, "join": _both}, bytes: TEXT,
}  # fmt: skip


class Steps:
    """How many were taken, and what the wrapped operations of the program call."""

    def __init__(self) -> None:
        self.taken = 0.0

    def look(self, frame: Any, event: str, _: object) -> Any:
        """The trace function: of the program's own frames only."""
        if frame.f_code.co_filename != NAME:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            self.taken += 1
        return self.look

    def call(self, function: Any) -> Any:
        """The function, or one that counts what it costs before it calls it."""
        price, owner = None, None
        if isinstance(function, BuiltinFunctionType | FunctionType) or type(function) is type:
            owner = getattr(function, "__self__", None)
            if isinstance(function, BuiltinFunctionType) and type(owner) in METHODS:
                price = METHODS[type(owner)].get(function.__name__)
            elif (function.__module__ or "itertools") in LIBRARIES:
                price, owner = FUNCTIONS.get(function.__qualname__), None
        return function if price is None else self._priced(function, owner, price)

    def _priced(self, function: Any, owner: Any, price: Price) -> Callable[..., Any]:
        def priced(*args: Any, **named: Any) -> Any:
            self.taken += price(owner, args)
            result = function(*args, **named)
            return self._lazily(result) if isinstance(result, LAZY) else result

        return priced

    def _lazily(self, iterator: Any) -> Iterator[Any]:
        for item in iterator:
            self.taken += 1
            yield item

    def made(self, value: Any) -> Any:
        """The value of a slice or an operator."""
        self.taken += len(value) if type(value) in COPIED else 0
        return value

    def added(self, left: Any, right: Any) -> Any:
        """A sum; CPython lengthens a text in place, but copies what is put before one."""
        value = left + right
        self.made(right if type(value) is str else value)
        return value

    def given(self, value: Any) -> Any:
        """What is unpacked, or added in place."""
        self.taken += size(value)
        return value

    def searched(self, value: Any) -> Any:
        """What stands behind `in`."""
        self.taken += len(value) if type(value) in SEARCHED else 0
        return value


def _by(wrapper: str, *values: ast.expr) -> ast.expr:
    """No program can write this name: it has a blank."""
    name = ast.copy_location(ast.Name(f"steps {wrapper}", ast.Load()), values[0])
    return ast.copy_location(ast.Call(name, list(values), []), values[0])


def _copying(operator: ast.operator, *sides: ast.expr) -> bool:
    """Whether it can make a text, list or set; a sum with a number in it cannot."""
    if isinstance(operator, ast.Add | ast.Sub):
        return not any(isinstance(s, ast.Constant) and isinstance(s.value, int) for s in sides)
    return isinstance(operator, ast.Mult | ast.BitOr | ast.BitAnd | ast.BitXor)


class Wrapped(ast.NodeTransformer):
    """The program with its calls, slices and operators wrapped."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        node.func = _by("call", node.func)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        loads = isinstance(node.slice, ast.Slice) and isinstance(node.ctx, ast.Load)
        return _by("made", node) if loads else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if not _copying(node.op, node.left, node.right):
            return node
        adds = isinstance(node.op, ast.Add)
        return _by("added", node.left, node.right) if adds else _by("made", node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if _copying(node.op, node.value):
            node.value = _by("given", node.value)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        node.comparators = [
            _by("searched", value) if isinstance(operator, ast.In | ast.NotIn) else value
            for operator, value in zip(node.ops, node.comparators, strict=True)
        ]
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            node.value = _by("given", node.value)
        return node

    def visit_MatchValue(self, node: ast.MatchValue) -> ast.AST:
        return node


def run(program: str, call: str, mark: str) -> None:
    """Runs the program and then `call`, in which `space` has the program's names and `steps` this
    count; writes the mark and the count to standard error, whatever comes of them."""
    steps = Steps()
    tree = ast.fix_missing_locations(Wrapped().visit(ast.parse(program, NAME)))
    space: dict[str, Any] = {"__name__": "__main__"}
    for wrapper in ("call", "made", "added", "given", "searched"):
        space[f"steps {wrapper}"] = getattr(steps, wrapper)
    code = compile(tree, NAME, "exec", dont_inherit=True)
    sys.settrace(steps.look)
    try:
        exec(code, space)  # noqa: S102 - this is the sandbox
        exec(call, {"space": space, "steps": steps})  # noqa: S102
    finally:
        sys.settrace(None)
        sys.stderr.write(f"\n{mark} {round(steps.taken)}\n")
