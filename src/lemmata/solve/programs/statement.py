"""What a statement says of its program: that it asks for one, its examples, its input's bounds."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lemmata.solve.programs import examples
from lemmata.verify.cases import Asserts, Call, Stdio

_ASKS = re.compile(
    r"\b(?:write|implement|create|design)\b[^.?!\n]{0,60}\b(?:program|function|code|script)\b"
    r"|\bdef \w+\(|\bstd(?:in|out)\b|\bstandard (?:input|output)\b|```(?:python|cpp)"
    r"|\bimplement\b|(?:写|编写|实现|设计|给出)[^。？！\n]{0,30}(?:程序|函数|代码|算法)"
    r"|标准输入|标准输出|编程(?:求|实现|计算|输出|解决|完成)|用\s*(?:Python|C\+\+)\s*(?:编?写|实现|求|计算)",
    re.IGNORECASE,
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
    found = examples.read(text)
    bounds = [_range(match) for match in _BOUNDS.finditer(text)]
    if len(bounds) == 1 and bounds[0] and _ONE.search(text):
        return Statement(found, *bounds[0])
    return Statement(found)


def _range(match: re.Match[str]) -> tuple[int, int] | None:
    high = re.sub(r"[_,\s]", "", match["high"])
    base, _, power = high.replace("**", "^").partition("^")
    if len(base) > 12 or len(power) > 2:
        return None
    top = min(int(base) ** int(power or 1), _LARGEST)
    low = int(re.sub(r"[_,\s]", "", match["low"])[:12])
    return (low, top) if low <= top else None
