"""The examples that a statement shows, in the ways that contests, textbooks and people write them.

Sections and tables (sections.py), calls with their value (`gcd(12, 18) == 6`, "f(3) returns 2",
doctests), and sentences ("for input 5 the output is 25"). Literals only are read: nothing is
evaluated. Equations of mathematics, such as "F(0) = 0", are examples of no function but the one
that is asked for.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Any

from lemmata.solve.programs import sections
from lemmata.solve.programs.literals import at_start, call, literal, named
from lemmata.verify.cases import Call, Stdio

MOST = 20
_VALUE = r"`[^`\n]{1,80}`|“[^”\n]{1,80}”|\"[^\"\n]{1,80}\"|-?\d[\d .,-]{0,60}?|[A-Za-z]\w{0,30}"
_SENTENCES = (
    re.compile(
        rf"\binput(?: is| of| was)?[ \t:]*(?P<given>{_VALUE})[ ,;]+(?:then )?"
        r"(?:(?:the |your )?(?:program|it|code) (?:should |must |will )?(?:prints?|outputs?)"
        r"|(?:the )?(?:expected )?outputs?(?: should be| must be| is| will be| would be)?"
        rf"|(?:should )?prints?)[ \t:]*(?P<wanted>{_VALUE})(?=[ \t\n.,;)]|$)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"输入(?:为|是)?[:： \t]*(?P<given>{_VALUE})[ \t]*[,，;；。、]?[ \t]*"
        r"(?:时|则|那么|程序|应当?|应该|就){0,3}[,，]?(?:输出|打印)(?:应?为|是)?[:： \t]*"
        rf"(?P<wanted>{_VALUE})(?=[ \t\n.,;)）。，；]|$)"
    ),
)
_DOCTEST = re.compile(r"^[ \t]*>>> (?P<call>\w+\(.*\))[ \t]*\n(?P<value>[^\n>]+)$", re.MULTILINE)
_FUNCTION = re.compile(r"(?<![\w.])[A-Za-z_]\w*\(")
_SAYS = re.compile(
    r"`?\s*(?:(?P<strong>===?|->|→|=>|⇒|returns?\b|should return\b|must return\b|gives\b|yields\b"
    r"|evaluates to\b|(?:应该?|将|会)?返回|应?得到?|的?结果(?:应?为|是))"
    r"|(?P<weak>=|:|：|is\b|应?为|等于|的?值(?:为|是)))\s*`?",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(r"\s*[A-Za-z_]\w*\s*=\s*[\[\d\"'{(-]")
_READS = re.compile(r"\bstd(?:in|out)\b|standard (?:in|out)put|标准输[入出]", re.IGNORECASE)


def read(text: str) -> tuple[Stdio | Call, ...]:
    """All examples, each once, the first `MOST`."""
    functions = named(text)
    asked = functions[0] if len(functions) == 1 and not _READS.search(text) else None
    pairs = [*sections.pairs(text), *sections.rows(text)]
    found = [*_examples(pairs, asked), *_calls(text, functions)]
    found = found or [*_examples([*_said(text)], asked)]
    return tuple(each for at, each in enumerate(found) if each not in found[:at])[:MOST]


def _examples(pairs: Sequence[sections.Pair], asked: str | None) -> Iterator[Stdio | Call]:
    """Arguments of the function that is asked for, where there is one; else what is read. Named
    arguments of nobody knows which function say nothing that could be run."""
    for given, wanted in pairs:
        args = _arguments(given) if asked is not None else None
        called = [*_told(asked, args, wanted)] if asked is not None and args is not None else []
        if called:
            yield from called
        elif not _ASSIGNED.match(given):
            yield Stdio(f"{given}\n", f"{wanted}\n")


def _arguments(given: str) -> tuple[Any, ...] | None:
    """The values of `nums = [2, 7], target = 9`, or of a line each, or of `[2, 7], 9`."""
    lines = [line.strip().rstrip(",;；，") for line in given.splitlines() if line.strip()]
    try:
        node = ast.parse(f"f({', '.join(lines)})", mode="eval").body
        if not isinstance(node, ast.Call):
            return None
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        return tuple(literal(ast.unparse(value)) for value in values)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return None


def _calls(text: str, functions: Sequence[str]) -> Iterator[Stdio | Call]:
    for match in _DOCTEST.finditer(text):
        made = call(match["call"])
        if made is not None:
            yield from _told(*made, match["value"])
    for match in _FUNCTION.finditer(text):
        name = match[0][:-1]
        end = 0 if functions and name not in functions else at_start(text, match.end() - 1)
        says = _SAYS.match(text, end) if end else None
        if says is None or (says["weak"] and name not in functions):
            continue
        stop = at_start(text, says.end())
        made = call(text[match.start() : end]) if stop else None
        if made is not None:
            yield from _told(*made, text[says.end() : stop])


def _told(function: str, args: tuple[Any, ...], value: str) -> Iterator[Call]:
    try:
        yield Call(function, args, literal(value))
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return


def _said(text: str) -> Iterator[sections.Pair]:
    for pattern in _SENTENCES:
        for match in pattern.finditer(text):
            given, wanted = (match[name].strip(' `“”".,') for name in ("given", "wanted"))
            if given and wanted and (given[0] in "-0123456789" or match["given"][0] in '`“"'):
                yield given, wanted
