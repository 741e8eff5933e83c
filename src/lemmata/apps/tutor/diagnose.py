"""From runs to findings: what kind of mistake, on which line, shown by which input.

No model takes part. Each finding rests on something that was executed: the smallest failing input,
a trace, or a single edit that makes every tried input right.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Sequence

from lemmata.apps.tutor import recursion
from lemmata.apps.tutor.counterexample import Contrast, Trials, way
from lemmata.apps.tutor.exercise import Exercise
from lemmata.apps.tutor.finding import Finding
from lemmata.apps.tutor.mutants import Mutant, mutants
from lemmata.apps.tutor.probing import Probe, Watched

MUTANTS_AT_ONCE = 40
_MAY_BIND = (ast.Import, ast.ImportFrom, ast.If, ast.Try)
SCREEN = 8
"""Inputs on which every edit is tried; only those that mend all of them meet all inputs."""


def diagnose(exercise: Exercise, student: Watched, trials: Trials) -> list[Finding]:
    """A finding for each way in which the submission fails on small inputs."""
    findings = [_finding(exercise, student, trials, smallest) for smallest in trials.smallest]
    return list({(f.nature, f.line): f for f in findings}.values())


def broken(message: str, line: int) -> Finding:
    return Finding("syntax", line, None, {"message": message})


def missing_function(exercise: Exercise, source: str) -> Finding | None:
    """The finding where the function that the exercise asks for is not defined."""
    wanted = exercise.function.partition(".")[0]
    tree = ast.parse(source)
    defined = [node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    bound = {
        target.id for node in tree.body if isinstance(node, ast.Assign)
        for target in node.targets if isinstance(target, ast.Name)
    }  # fmt: skip
    imports = any(isinstance(node, _MAY_BIND) for node in tree.body)
    if wanted in defined or wanted in bound or (imports and not defined):
        return None
    facts = {"function": wanted, "defined": ", ".join(defined) or "–"}
    return Finding("missing-function", 1, None, facts)


def _finding(exercise: Exercise, student: Watched, trials: Trials, smallest: Contrast) -> Finding:
    kind = way(smallest)
    if kind == "changed":
        return _mutation(exercise, smallest)
    deep = smallest.seen.raised is not None and smallest.seen.raised[0] == "RecursionError"
    if deep and student.ends_deeper(smallest.args):
        return _too_deep(smallest)
    endless = recursion.of(smallest, student.source)
    if endless:
        return endless
    if smallest.seen.killed:
        return Finding("too-much-memory" if smallest.seen.killed == "MLE" else "crash", 0, smallest)
    return (
        _reading(smallest)
        or _empty(exercise, trials, smallest)
        or _repaired(student, trials, smallest)
        or _crash(smallest)
        or _wrong(exercise, trials, smallest)
    )


def hidden_only(letters: Sequence[str]) -> Finding:
    """Where tests fail and no input that could be made does: nothing of them may be shown."""
    told = ", ".join(sorted(set(letters)))
    return Finding("only-hidden", 0, None, {"count": str(len(letters)), "letters": told})


def _too_deep(smallest: Contrast) -> Finding:
    own = [call for call in smallest.seen.calls if call.function]
    line = own[-1].line if own else smallest.seen.at
    facts = {"deepest": str(smallest.seen.deepest), "function": own[-1].function if own else ""}
    return Finding("too-deep", line, smallest, facts)


def _reading(smallest: Contrast) -> Finding | None:
    raised = smallest.seen.raised
    if raised and (raised[0] == "EOFError" or (raised[0] == "ValueError" and "int()" in raised[1])):
        return Finding("reads-input", raised[2], smallest, {"error": raised[0]})
    return None


def _crash(smallest: Contrast) -> Finding | None:
    if not smallest.seen.raised:
        return None
    name, message, line = smallest.seen.raised
    return Finding("crash", line, smallest, {"error": name, "message": message})


def _repaired(student: Watched, trials: Trials, smallest: Contrast) -> Finding | None:
    """The finding where a single edit mends it."""
    if not isinstance(student, Probe):
        return None
    repair = _repair(student, trials, trials.failing(way(smallest)))
    if repair is None:
        return None
    facts = {"before": repair.before, "after": repair.after} | _types(smallest)
    told = f"line {repair.line}: {repair.before} → {repair.after}"
    nature = "wrong-type" if _only_type(trials) and not smallest.seen.raised else repair.nature
    return Finding(nature, repair.line, smallest, facts, told)


def _wrong(exercise: Exercise, trials: Trials, smallest: Contrast) -> Finding:
    seen, line = smallest.seen, smallest.seen.at
    if exercise.style == "stdin":
        if not seen.value:
            return Finding("no-output", line, smallest)
        if all(_other_layout(c) for c in trials.failing("value")):
            return Finding("wrong-layout", line, smallest)
    if seen.odd or seen.value is None:
        return Finding("no-value", line, smallest, {"type": seen.odd or "None"})
    if seen.caught and _swallows(trials):
        facts = {"error": seen.caught[0]}
        return Finding("swallowed-error", seen.caught[1], smallest, facts)
    if seen.shared and not smallest.expected.shared:
        return Finding("shared-list", line, smallest)
    if _only_type(trials):
        return Finding("wrong-type", line, smallest, _types(smallest))
    relation = _relation(trials.failing("value"))
    if relation in ("+1", "-1"):
        return Finding("off-by-one", line, smallest, {"relation": relation})
    if relation or _share_failing(trials) > 0.9:
        return Finding("wrong-formula", line, smallest, {"relation": relation})
    return Finding("wrong-value", line, smallest)


def _other_layout(contrast: Contrast) -> bool:
    """The expected words stand in what was written, in order, with other things round them."""
    expected, given = str(contrast.expected.value).split(), str(contrast.seen.value)
    if expected == given.split():
        return True
    words = iter(re.findall(r"-?\w+(?:\.\w+)?", given))
    extra = bool(re.search(r"[^\W\d_]|[:,\[\]()]", given)) and len(given) > len(" ".join(expected))
    return extra and bool(expected) and all(word in words for word in expected)


def _swallows(trials: Trials) -> bool:
    """Wrong exactly where an error was raised and dealt with."""
    right = [c for c in trials.all if not way(c)]
    return all(c.seen.caught for c in trials.failing("value")) and not any(
        c.seen.caught for c in right
    )


def _only_type(trials: Trials) -> bool:
    """Every wrong value would be right as another type: 2.0 for 2, "3" for 3."""
    failing = trials.failing("value")
    return bool(failing) and all(
        type(c.seen.value) is not type(c.expected.value)
        and None not in (c.seen.value, c.expected.value)
        and (_near(c.seen.value, c.expected.value) or str(c.seen.value) == str(c.expected.value))
        for c in failing
    )


def _near(one: object, other: object) -> bool:
    numbers = isinstance(one, (int, float)) and isinstance(other, (int, float))
    try:
        return bool(one == other) or (numbers and math.isclose(one, other))  # type: ignore[arg-type]
    except OverflowError:
        return False


def _types(smallest: Contrast) -> dict[str, str]:
    kinds = (smallest.seen.value, smallest.expected.value)
    return dict(zip(("type", "wanted"), (type(value).__name__ for value in kinds), strict=True))


def _mutation(exercise: Exercise, smallest: Contrast) -> Finding:
    place = smallest.seen.changed[0]
    first = smallest.seen.calls[0].variables if smallest.seen.calls else {}
    name = list(first)[place] if place < len(first) else exercise.inputs[place].name
    facts = {"argument": name, "given": repr(smallest.args[place])}
    return Finding("mutates-input", recursion.first_changed(smallest.seen, name), smallest, facts)


def _empty(exercise: Exercise, trials: Trials, smallest: Contrast) -> Finding | None:
    """The finding where an empty argument, and nothing else, makes it fail in this way."""
    failing = trials.failing(way(smallest)) or [smallest]
    for place, kind in enumerate(exercise.inputs):
        if kind.kind not in ("list", "text") or kind.least > 0:
            continue
        right = [c for c in trials.all if not way(c)]
        if all(not c.args[place] for c in failing) and any(c.args[place] for c in right):
            raised = smallest.seen.raised
            line = raised[2] if raised else smallest.seen.at
            facts = {"argument": kind.name, "error": raised[0] if raised else ""}
            return Finding("empty-input", line, smallest, facts)
    return None


def _repair(student: Probe, trials: Trials, failing: Sequence[Contrast]) -> Mutant | None:
    """The first single edit that mends every input that fails in this way, and breaks none. Where
    all of these expect one and the same value, that would prove nothing."""
    right = [c for c in trials.all if not way(c)]
    if all(failing[0].expected.same_as(c.expected) for c in (*failing, *right)):
        return None
    screen = [*failing[: SCREEN // 2], *failing[-SCREEN // 2 :], *right[:SCREEN], *right[-SCREEN:]]
    candidates = mutants(student.source)
    for start in range(0, len(candidates), MUTANTS_AT_ONCE):
        batch = candidates[start : start + MUTANTS_AT_ONCE]
        for mutant in _mending(student, batch, screen):
            if _mending(student, [mutant], [*failing, *right]):
                return mutant
    return None


def _mending(
    student: Probe, batch: Sequence[Mutant], contrasts: Sequence[Contrast]
) -> list[Mutant]:
    inputs = [c.args for c in contrasts]
    outcomes = student.watch_others([mutant.source for mutant in batch], inputs)
    return [
        mutant for mutant, seen in zip(batch, outcomes, strict=True)
        if len(seen) == len(contrasts)
        and all(s.same_as(c.expected) for s, c in zip(seen, contrasts, strict=True))
    ]  # fmt: skip


def _relation(failing: Sequence[Contrast]) -> str:
    """`+1`: always one too much; `×2`: always twice; empty: no such rule."""
    told = [(_number(c.seen.value), _number(c.expected.value)) for c in failing]
    pairs = [(a, b) for a, b in told if a is not None and b is not None]
    if len(pairs) < max(4, len(told)):
        return ""
    steps = {a - b for a, b in pairs}
    if len(steps) == 1:
        return f"{steps.pop():+d}"
    factors = {a / b for a, b in pairs if b}
    if len(factors) == 1 and all(a and b for a, b in pairs):
        return f"×{factors.pop():g}"
    return ""


def _number(value: object) -> int | None:
    """An integer, or one that a program wrote."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,300}", value):
        return int(value)
    return value if type(value) is int else None


def _share_failing(trials: Trials) -> float:
    return sum(bool(way(c)) for c in trials.all) / len(trials.all)
