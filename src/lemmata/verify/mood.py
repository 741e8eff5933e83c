"""What the words of a sentence say about its claims: rounded, an identity, a case, an absurdity."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ROUNDING = re.compile(
    r"about|approx|round|nearly|almost|roughly|at least|at most|whole|estimate|≈|~"
    r"|remain|remainder|left ?over|full|complete|余|约|大概|左右|四舍五入|至少|取整"
    r"|\brem\b|\bR ?\d|floor|\bint\(|//|\bdiv\b|…|\.\.\.",
    re.IGNORECASE,
)
_IDENTITY = re.compile(
    r"\bexpand|\bfactor(?:ing|is|iz|ed|s? as)|simplif|identit|rewrit|distribut"
    r"|展开|因式分解|化简|整理|恒等",
    re.IGNORECASE,
)
_CASES = re.compile(
    r"\b(?:if|cannot|can't|impossible|no|not|can be solved|case|when|suppose|or|try|test|for|with"
    r"|starting|taking|take|such as|example|say|equality)\b|\b(?:assum|achiev|attain|choos)"
    r"|\bis an? solution"
    r"|如果|假设|若|当|或",
    re.IGNORECASE,
)
"""A sentence that sets a case or an example, where a value contradicts nothing before it."""
_ABSURD = re.compile(
    r"contradict|absurd|impossible|otherwise|\bfalse\b|not true|does(?: not|n't) hold"
    r"|thought|mistak|incorrect|erroneous|\bwrong|矛盾|否则|不可能|不成立|误以为|错误"
    r"|[?？]\s*[\"'”’)*_$]*\s*$",
    re.IGNORECASE,
)
"""What stands in such a sentence, or in a question, may be meant to be wrong."""
_SOLVING = re.compile(
    r"\bsolv|equation|\broot|\bmust\b|\bneed|\bset\b|\bwant|\bgiven|解|方程|根", re.IGNORECASE
)
_OWN_OPERATION = re.compile(r"(?<![A-Za-z\d)])([a-z]) ?\* ?([a-z]) ?=(?=[^=,;]*\1)(?=[^=,;]*\2)")
"""a*b = … with a and b again on the right: the definition of an operation."""


@dataclass(slots=True)
class Mood:
    """How the claims of a sentence are meant."""

    rounding: bool
    identity: bool
    hypothetical: bool
    absurd: bool
    solving: bool
    """It speaks of an equation to be solved."""
    redefines: bool
    """It gives the sign * a meaning of its own."""

    @classmethod
    def of(cls, sentence: str) -> Mood:
        return cls(
            bool(_ROUNDING.search(sentence)),
            bool(_IDENTITY.search(sentence)),
            bool(_CASES.search(sentence)),
            bool(_ABSURD.search(sentence)),
            bool(_SOLVING.search(sentence)),
            bool(_OWN_OPERATION.search(sentence)),
        )
