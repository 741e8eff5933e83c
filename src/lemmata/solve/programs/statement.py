"""What a statement says of its program: that it asks for one, its examples, its input's bounds."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any

from lemmata.verify.cases import Asserts, Call, Stdio

_ASKS = re.compile(
    r"\b(?:write|implement|create|design)\b[^.?!\n]{0,60}\b(?:program|function|code|script)\b"
    r"|\bdef \w+\(|\bstd(?:in|out)\b|\bstandard (?:input|output)\b|```(?:python|cpp)"
    r"|(?:写|编写|实现|设计|给出)[^。？！\n]{0,30}(?:程序|函数|代码|算法)|标准输入|标准输出",
    re.IGNORECASE,
)
_NUMBER = r"[ \t]*\d*[ \t]*"
_IN = rf"(?:(?:(?:sample|example)[ \t]+)?input|样例输入|输入样例|输入){_NUMBER}"
_OUT = rf"(?:(?:(?:sample|example)[ \t]+)?output|样例输出|输出样例|输出){_NUMBER}"
_PAIR = re.compile(
    rf"^[ \t#*]*{_IN}[*]*[ \t]*[:：]?[*]*[ \t]*\n(?P<given>.+?)\n+"
    rf"^[ \t#*]*{_OUT}[*]*[ \t]*[:：]?[*]*[ \t]*\n(?P<wanted>.+?)"
    rf"(?=\n[ \t]*\n|\n[ \t#*]*(?:{_IN}|explanation|note|example|sample|说明|样例)|\Z)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_HEAD = re.compile(rf"^[ \t#*]*{_IN}[*]*[ \t]*[:：]?[*]*[ \t]*\n", re.IGNORECASE | re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*```\w*[ \t]*$\n?", re.MULTILINE)
_SHELL = re.compile(r"^[ \t]*>>> (?P<call>\w+\(.*\))[ \t]*\n(?P<value>[^\n>]+)$", re.MULTILINE)
_STATED = re.compile(
    r"`?(?P<call>\b[A-Za-z_]\w*\([^()\n]*(?:\[[^\]\n]*\])?[^()\n]*\))`?\s*"
    r"(?:==|->|→|=>|returns|should return|返回)\s*"
    r"`?(?P<value>[-\w\[\](){}'\", .]+?)`?(?=[.;。；]?\s|[.;。；]?$|[;。；])",
    re.MULTILINE,
)
_BOUNDS = re.compile(
    r"(?P<low>-?\d[\d_,]*)\s*(?:<=|≤|\\leq?|<)\s*(?P<name>[A-Za-z]\w*)\s*(?:<=|≤|\\leq?|<)\s*"
    r"(?P<high>\d[\d_,]*(?:\s*(?:\*\*|\^)\s*\d+)?)"
)
_ONE = re.compile(
    r"\b(?:one|a single|an|a)\s+(?:\w+\s+)?integer\b|一个(?:正|非负)?整数", re.IGNORECASE
)
_LARGEST = 10**9
LONGEST = 8000


@dataclass(frozen=True, slots=True)
class Statement:
    """`examples` as tests; `low` and `high` bound the integer that the input consists of, where the
    statement says that it is one. `shapes` are inputs of the right kind whose outcome nobody has
    told, for statements without examples."""

    examples: tuple[Stdio | Call | Asserts, ...]
    low: int | None = None
    high: int | None = None
    shapes: tuple[Call, ...] = ()

    @property
    def alike(self) -> tuple[Stdio | Call, ...]:
        """What inputs are made after."""
        shown = tuple(e for e in self.examples if not isinstance(e, Asserts))
        return shown or self.shapes


def asks_for_program(text: str) -> bool:
    """Whether a program is wanted, and not a number."""
    return _ASKS.search(text) is not None


def read(text: str) -> Statement:
    """What can be read of its first `LONGEST` characters without a model."""
    text = text[:LONGEST]
    examples: tuple[Stdio | Call, ...] = (*_pairs(text), *_calls(text))
    bounds = [_range(match) for match in _BOUNDS.finditer(text)]
    if len(bounds) == 1 and bounds[0] and _ONE.search(text):
        return Statement(examples, *bounds[0])
    return Statement(examples)


def _pairs(text: str) -> list[Stdio]:
    found = []
    for match in _PAIR.finditer(text):
        given, wanted = (_FENCE.sub("", match[name]).strip("\n") for name in ("given", "wanted"))
        given = _HEAD.split(given)[-1]  # a description of the input came before the sample
        if given.strip() and wanted.strip():
            found.append(Stdio(given.strip() + "\n", wanted.strip() + "\n"))
    return found


def _calls(text: str) -> list[Call]:
    found: list[Call] = []
    for match in (*_SHELL.finditer(text), *_STATED.finditer(text)):
        call = _call(match["call"], match["value"].strip().rstrip(".,;"))
        if call is not None and call not in found:
            found.append(call)
    return found


def _call(call: str, value: str) -> Call | None:
    """Literals only; nothing is evaluated."""
    try:
        node = ast.parse(call, mode="eval").body
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.keywords:
            return None
        args: tuple[Any, ...] = tuple(ast.literal_eval(arg) for arg in node.args)
        return Call(node.func.id, args, ast.literal_eval(value))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _range(match: re.Match[str]) -> tuple[int, int] | None:
    high = re.sub(r"[_,\s]", "", match["high"])
    base, _, power = high.replace("**", "^").partition("^")
    if len(base) > 12 or len(power) > 2:
        return None
    top = min(int(base) ** int(power or 1), _LARGEST)
    low = int(re.sub(r"[_,\s]", "", match["low"])[:12])
    return (low, top) if low <= top else None
