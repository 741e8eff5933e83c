"""Why a call does not come back: a recursion without an end, or a loop that changes nothing."""

from __future__ import annotations

import ast

from lemmata.apps.tutor.counterexample import Contrast
from lemmata.apps.tutor.finding import Finding
from lemmata.apps.tutor.probing import Moment, Seen

DEEP = 150
"""Calls within calls that no small input needs."""
_BRANCHES = (
    ast.If, ast.IfExp, ast.BoolOp, ast.While, ast.For, ast.Try, ast.Match, ast.comprehension,
)  # fmt: skip


def of(contrast: Contrast, source: str) -> Finding | None:
    """The finding where the call never ended; None where it did."""
    seen = contrast.seen
    if (seen.raised and seen.raised[0] == "RecursionError") or (seen.spent and seen.deepest > DEEP):
        return _recursion(contrast)
    if seen.spent or seen.killed == "TLE":
        return _loop(contrast, source)
    if seen.raised and seen.calls and _always_calls_itself(source, seen.calls[-1].function):
        return _recursion(contrast)
    return None


def _always_calls_itself(source: str, name: str) -> bool:
    """No branch in it, and a call of itself: it can only end by an error."""
    functions = [
        node for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]  # fmt: skip
    inside = [node for function in functions for node in ast.walk(function)]
    calls = [node.func for node in inside if isinstance(node, ast.Call)]
    itself = any(isinstance(called, ast.Name) and called.id == name for called in calls)
    return itself and not any(isinstance(node, _BRANCHES) for node in inside)


def _recursion(contrast: Contrast) -> Finding:
    calls = contrast.seen.calls
    if not calls:
        return Finding("no-base-case", contrast.seen.at, contrast)
    last = calls[-1].function
    own = [call for call in calls if call.function == last]
    chain = " → ".join(_shown(call) for call in own[:4])
    line = own[0].line
    facts = {"chain": chain + " → …", "function": last, "deepest": str(contrast.seen.deepest)}
    return Finding("no-base-case", line, contrast, facts)


def _shown(call: Moment) -> str:
    return f"{call.function}({', '.join(call.variables.values())})"


def _loop(contrast: Contrast, source: str) -> Finding:
    seen = contrast.seen
    head = _loop_around(source, seen.at)
    again = [moment for moment in seen.moments[len(seen.moments) // 2 :] if moment.line == head]
    facts = {"line": str(head), "lines": str(seen.lines), "still": _still(again)}
    return Finding("endless-loop", head, contrast, facts)


def _still(visits: list[Moment]) -> str:
    """The variables that were the same at every visit of the loop's head, as `i = 0, n = 3`."""
    if len(visits) < 2:
        return ""
    first = visits[0].variables
    same = {
        name: value for name, value in first.items()
        if all(visit.variables.get(name) == value for visit in visits)
    }  # fmt: skip
    return ", ".join(f"{name} = {value}" for name, value in list(same.items())[:4])


def _loop_around(source: str, line: int) -> int:
    """The line where the innermost loop around a line begins; the line itself outside of one."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # C++: the line that it was on is all that is known
        return line
    loops = [
        node.lineno for node in ast.walk(tree)
        if isinstance(node, (ast.While, ast.For)) and node.lineno <= line <= (node.end_lineno or 0)
    ]  # fmt: skip
    return max(loops, default=line)


def first_changed(seen: Seen, name: str) -> int:
    """The line that changed a variable of the outermost call; 0 if the trace does not show it."""
    before: Moment | None = None
    for moment in seen.moments:
        known = before.variables.get(name) if before else None
        if before and known is not None and moment.variables.get(name, known) != known:
            return before.line
        before = moment
    return 0
