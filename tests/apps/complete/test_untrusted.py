"""Whatever a model writes and whatever a file holds: an answer or a refusal, never a crash."""

from __future__ import annotations

import ast
import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lemmata.apps.complete import context, examples, reach, target
from lemmata.apps.complete.proposal import diff, edits, idea_of
from lemmata.apps.complete.splice import splice
from lemmata.apps.complete.target import Place
from lemmata.errors import BadInput

LINES = (
    "def f(a, b=2):", "    def f(a, b=2):", "class C:", "    return a", "        return b",
    "    # TODO: add; f(1) == 3", "# 待办：f", "    pass", "if True: x = y = 1", "import os, sys",
    "from __future__ import annotations", "@cache", '    """Sum.', '    >>> f(1)', "    3",
    '    """',
    "```", "```python", "x = 1; y = 2", "async def g(): ...", "\t", "", "\f", "lambda: (yield)",
    "for a in b:", "assert f(1) == 2", "print(f(1))", "    ...", "    raise NotImplementedError",
    "素",
    "from .near import (", ")", "with a as b:", "try: import q", "except E: q = 0", "\x00", "f\\",
)  # fmt: skip
FILE = (
    'import os\n\nclass C:\n    @cache\n    def f(self, a, b=2):\n        """Sum.\n\n'
    '        >>> f(1)\n        3\n        """\n        # TODO: add\n        pass\n'
)
DEEP = (
    "x = " + "1 + " * 3000 + "1\n",
    "if x: y = 1\n" + "elif x: y = 1\n" * 1500,
    "x = " + "(" * 150 + ")" * 150 + "\n",
    "raise " + "not " * 800 + "NotImplementedError\n",
    "def g(a: " + "int | " * 2000 + "int): pass\n",
    "x = '" + " " * 100_000 + "'  # TODO\n",
    "# " + "a" + " " * 100_000 + "b\n",
    "#\n" * 8_000,
    "/*\n" * 8_000,
    "TODO = 1\n" * 4_000,
)
texts = st.lists(st.sampled_from(LINES), max_size=12).map("\n".join)


@settings(max_examples=400, deadline=None)
@given(texts, st.sampled_from([FILE, FILE.replace("self, ", ""), "# TODO: write f\n"]))
def test_any_derivation_splices_or_is_refused(code: str, text: str) -> None:
    found = target.find("a.py", text)
    spliced = splice(found, f"So.\n```python\n{code}\n```")
    assert bool(spliced.text) != bool(spliced.refusal)
    if spliced.text:
        ast.parse(spliced.text)
        program = reach.program(found, spliced.text)
        assert len(program.split("\n")) == len(spliced.text.split("\n"))
        lines = text.splitlines(keepends=True)
        for edit in reversed(edits(text, spliced.text)):
            lines[edit.first : edit.last] = [edit.text]
        assert "".join(lines) == spliced.text
        assert diff("a.py", text, spliced.text).startswith("--- a/a.py\n")
    assert isinstance(idea_of(code), str)


@pytest.mark.parametrize("deep", DEEP, ids=range(len(DEEP)))
def test_what_is_deep_or_long_is_bounded(deep: str) -> None:
    for text in (f"{deep}{FILE}", f"{FILE}\n{deep}", deep):
        for place in (Place(), Place(0, len(text)), Place(function="f")):
            for path in ("a.py", "a.js"):
                with contextlib.suppress(BadInput):
                    found = target.find(path, text, place, near={"n.py": deep})
                    context.prompt(found)
                    examples.statement_of(found)
                    splice(found, f"```python\n{deep}\n```")
                    spliced = splice(found, f"```python\ndef f(self, a, b=2):\n    {deep}\n```")
                    reach.program(found, spliced.text)
                    edits(text, spliced.text)


@settings(max_examples=400, deadline=None)
@given(texts, st.integers(0, 12) | st.none(), st.sampled_from(["", "f", "C.f"]))
def test_any_file_has_a_target_or_one_line_that_says_why_not(
    text: str, line: int | None, function: str
) -> None:
    for path in ("a.py", "a.js", "a.unheard"):
        try:
            found = target.find(path, text, Place(line, None, function))
        except BadInput as refused:
            if "\n" in str(refused):
                raise
            continue
        assert 0 <= found.todo.first <= found.todo.last <= len(found.lines)
        assert found.todo.words in context.prompt(found)
        examples.statement_of(found)
        splice(found, "```\ndef f(a, b=2):\n    return a\n```")
