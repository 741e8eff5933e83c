"""Tests of a program, and how they are read from a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lemmata.errors import BadData
from lemmata.verify.checkers import (
    Close,
    Custom,
    Exact,
    Floats,
    Json,
    Lines,
    OutputChecker,
    Same,
    Tokens,
    ValueChecker,
)


@dataclass(frozen=True, slots=True)
class Stdio:
    """The program reads `stdin` and must write `expected`."""

    stdin: str
    expected: str
    checker: OutputChecker | Custom = field(default_factory=Lines)


@dataclass(frozen=True, slots=True)
class Call:
    """`function(*args, **kwargs)` must return `expected`. All values are primitive. `function` may
    be `Class.method`, called on a fresh instance. Python only."""

    function: str
    args: tuple[Any, ...]
    expected: Any
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    checker: ValueChecker = field(default_factory=Same)


@dataclass(frozen=True, slots=True)
class Asserts:
    """Test code with assertions about `function`, as in HumanEval and MBPP.

    It runs in a sandbox of its own, never beside the submission: each call of `function` goes to
    the submission's sandbox and brings back a primitive value. `code` may define
    `check(candidate)`, or assert at top level; `setup` runs before it (helpers that the assertions
    use). Python only."""

    function: str
    code: str
    setup: str = ""


Test = Stdio | Call | Asserts

OUTPUT_CHECKERS: dict[str, type[Lines | Exact | Tokens | Floats]] = {
    "lines": Lines, "exact": Exact, "tokens": Tokens, "floats": Floats,
}  # fmt: skip
VALUE_CHECKERS: dict[str, type[Same | Close | Json]] = {"same": Same, "close": Close, "json": Json}


def read_tests(path: Path) -> tuple[Test, ...]:
    """The tests of a JSON file (a list) or JSON Lines file, each an object of one of the forms

        {"stdin": "…", "expected": "…", "checker": "lines"}
        {"function": "f", "args": […], "expected": …, "checker": "json"}
        {"function": "f", "code": "assert f(1) == 2", "setup": ""}

    where `checker` may be left out, or be an object that gives its settings, as in
    {"name": "floats", "relative": 1e-9} or {"name": "custom", "source": "…", "language": "cpp"}.
    Raises BadData, with the number of the test.
    """
    try:
        text = path.read_text(encoding="utf-8")
        rows = json.loads(text) if text.lstrip().startswith("[") else _lines_of_json(text)
    except (OSError, ValueError, RecursionError) as error:
        why = getattr(error, "strerror", None) or error
        mend = "Give tests as JSON or JSON Lines: lemmata verify code --help shows some."
        raise BadData(f"cannot read tests from {path}: {why}", mend) from None
    tests = []
    for number, row in enumerate(rows, 1):
        try:
            tests.append(_test(dict(row)))
        except (KeyError, TypeError, ValueError) as error:
            raise BadData(f"test {number} of {path} is not a test: {error}") from None
    if not tests:
        raise BadData(f"no tests in {path}")
    return tuple(tests)


def _lines_of_json(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _test(row: dict[str, Any]) -> Test:
    checker = row.pop("checker", None)
    if "stdin" in row:
        made = _checker(checker or "lines", OUTPUT_CHECKERS)
        return Stdio(checker=made, **_texts(row, "stdin", "expected"))
    if "code" in row:
        return Asserts(**_texts(row, "function", "code", "setup"))
    args = tuple(row.pop("args", ()))
    return Call(args=args, checker=_checker(checker or "json", VALUE_CHECKERS), **row)


def _texts(row: dict[str, Any], *names: str) -> dict[str, str]:
    for name, value in row.items():
        if name not in names or not isinstance(value, str):
            raise ValueError(f"{name!r} is not one of {', '.join(names)}, or not a text")
    return row


def _checker(given: Any, known: Mapping[str, type[Any]]) -> Any:
    settings = {"name": given} if isinstance(given, str) else dict(given)
    name = settings.pop("name")
    if name == "custom" and known is OUTPUT_CHECKERS:
        return Custom(**settings)
    if name not in known:
        raise ValueError(f"no checker {name!r}; there are {', '.join(known)}")
    return known[name](**settings)
