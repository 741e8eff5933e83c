"""GSM8K's calculator marks, `<<48/2=24>>`: each a small claim that can be checked exactly."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from fractions import Fraction

from lemmata.data.row import WRONG_STEP, RowRefused

_MARK = re.compile(r"<<([^<>\n]{0,200}?)=([^<>=\n]{0,60})>>")
_LEFT = re.compile(r"<<[^<>\n]{0,200}>>")
_OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_TOLERANCE = Fraction(1, 100)
"""Of the value: annotators round 2/3 to .67."""


def strip(text: str) -> str:
    """The text without its marks. Raises RowRefused where a mark's arithmetic is wrong.

    A mark that is no plain arithmetic is stripped unchecked.
    """
    for mark in _MARK.finditer(text):
        left, right = value(mark[1]), value(mark[2])
        if left is not None and right is not None and not _close(left, right):
            raise RowRefused(WRONG_STEP, f"{mark[1]}={mark[2]}")
    return _LEFT.sub("", text)


def _close(left: Fraction, right: Fraction) -> bool:
    scale = max(Fraction(1), abs(left), abs(right))
    return bool(abs(left - right) <= _TOLERANCE * scale)


def value(expression: str) -> Fraction | None:
    """The exact value of + - * / over decimals, None for anything else."""
    plain = re.sub(r"[$,\s]", "", expression)
    plain = re.sub(r"(\d+(?:\.\d+)?|\.\d+)%", r"(\1/100)", plain)
    # A leading zero is a syntax error to Python and a number to people.
    plain = re.sub(r"(?<![\d.])0+(?=\d)", "", plain)
    try:
        return _evaluate(ast.parse(plain, mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return None


def _evaluate(node: ast.expr) -> Fraction:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        # Through the text: 0.1 means a tenth, not its nearest binary fraction.
        return Fraction(str(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_evaluate(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        return _OPERATIONS[type(node.op)](_evaluate(node.left), _evaluate(node.right))
    raise ValueError("not plain arithmetic")
