"""What a model wrote, put into the file."""

from __future__ import annotations

import pytest

from lemmata.apps.complete import target
from lemmata.apps.complete.splice import block_of, splice
from lemmata.apps.complete.target import Place, Target

FILE = '''"""A file."""
import math


@cache
def f(a: int, b: int = 2) -> int:
    """The sum."""
    # TODO: add them
    raise NotImplementedError


def g():
    return f(1)
'''
DONE = '''"""A file."""
import math


@cache
def f(a: int, b: int = 2) -> int:
    """The sum."""
    total = a + b
    return total


def g():
    return f(1)
'''


def fenced(code: str, language: str = "python") -> str:
    return f"We add. O(1)\n```{language}\n{code}\n```\nThat is all."


def found(text: str = FILE, path: str = "a.py", place: Place | None = None) -> Target:
    return target.find(path, text, place)


@pytest.mark.parametrize(
    "code",
    [
        'def f(a, b):\n    """Another."""\n    total = a + b\n    return total\n\nprint(f(1, 2))',
        "@cache\ndef f(a: int, b: int = 2) -> int:\n  total = a + b\n  return total",
        "class Any:\n    def f(a, b):\n        total = a + b\n        return total",
        "    total = a + b\n    return total",
        "def add(a, b):\n    total = a + b\n    return total",
        "total = a + b\nreturn total",
        "import math\ndef f(a, b):\n    total = a + b\n    return total\nassert f(1, 2) == 3",
    ],
)
def test_a_function_or_its_lines_find_their_place(code: str) -> None:
    assert splice(found(), fenced(code)).text == DONE


def test_imports_and_helpers_come_along() -> None:
    code = (
        "from functools import reduce\nimport math\n\nONE = 1\n\n"
        "import os\n\ndef add(a, b):\n    return a + b + 0 * ONE\n\n"
        "def unused():\n    return os\n\n"
        "def f(a, b=2):\n    # by hand\n    return reduce(add, [a, b])\n"
    )
    made = splice(found(), fenced(code)).text
    assert made.startswith(
        '"""A file."""\nimport math\nfrom functools import reduce\n\n\nONE = 1\n'
    )
    assert "def add(a, b):\n    return a + b + 0 * ONE\n\n\n@cache\ndef f" in made
    assert "unused" not in made
    assert '"""The sum."""\n    # by hand\n    return reduce(add, [a, b])\n\n\ndef g' in made


@pytest.mark.parametrize(
    ("derivation", "said"),
    [
        ("No code at all.", "no block of code"),
        ("```python\n\n```", "no block of code"),
        (fenced("def f(a, b):\n  retur n"), "does not parse: line 2"),
        (fenced("def f(a):\n    return a"), "changes the parameters of f"),
        (fenced("def f(a, b):\n    # later\n    pass"), "leaves f undone"),
        (fenced("pass"), "leaves the TODO undone"),
        (fenced("x" * 100_001), "100,001 characters"),
        (fenced("if a:\n    return b\nelse:\n# nothing"), "does not parse"),
    ],
)
def test_what_fits_nowhere_is_refused_with_its_reason(derivation: str, said: str) -> None:
    spliced = splice(found(), derivation)
    assert spliced.text == ""
    assert said in spliced.refusal


def test_a_method_and_tabs_and_a_deeper_todo() -> None:
    text = "class A:\n\tdef m(self, x):\n\t\tif x:\n\t\t\t# TODO: x\n\t\t\tpass\n\t\treturn 0\n"
    whole = fenced("def m(self, x):\n    if x:\n        return x\n    return 0")
    assert splice(found(text), whole).text == (
        "class A:\n\tdef m(self, x):\n\t\tif x:\n\t\t\treturn x\n\t\treturn 0\n"
    )
    part = splice(found(text), fenced("for y in x:\n    return y")).text
    assert "\t\tif x:\n\t\t\tfor y in x:\n\t\t\t\treturn y\n\t\treturn 0" in part


def test_a_function_that_has_only_a_docstring() -> None:
    text = 'def f(x):\n    """Twice."""\n\n\ny = 1\n'
    made = splice(found(text, place=Place(function="f")), fenced("def f(x):\n    return 2 * x"))
    assert made.text == 'def f(x):\n    """Twice."""\n    return 2 * x\n\n\ny = 1\n'


def test_a_new_function_at_the_top_of_a_file() -> None:
    made = splice(
        found("# TODO: write cube(n)\n"), fenced("def cube(n):\n    return n**3\nprint(1)")
    )
    assert made.text == "def cube(n):\n    return n**3\n"


def test_which_block_is_meant() -> None:
    assert block_of("```python\nx\n```\n```py\ndef f():\n    pass\n```") == "def f():\n    pass"
    assert block_of("```python\ncut off") == "cut off"


JS = "function f(a) {\n  // TODO: twice a\n}\n\nfunction g() {\n  return 1;\n}\n"


@pytest.mark.parametrize(
    "code",
    ["return 2 * a;", "function f(a) {\n  return 2 * a;\n}", "  return 2 * a;"],
)
def test_another_language_by_its_lines(code: str) -> None:
    made = splice(found(JS, "a.js"), fenced(code, "js")).text
    assert made == "function f(a) {\n  return 2 * a;\n}\n\nfunction g() {\n  return 1;\n}\n"


def test_a_language_without_braces() -> None:
    text = "def f(a)\n  # TODO: twice a\nend\n\nputs 1\n"
    made = splice(found(text, "a.rb"), fenced("def f(a)\n  2 * a\nend", "ruby")).text
    assert made == "def f(a)\n  2 * a\nend\n\nputs 1\n"


STUB = """package main

// 待办：返回较大的一个
func larger(a, b int) int {
\tpanic("not implemented")
}

func main() {}
"""
HEAD = "func larger(a, b int) int {"


@pytest.mark.parametrize(
    "code",
    [
        f"{HEAD}\n\tif a > b {{\n\t\treturn a\n\t}}\n\treturn b\n}}",
        f"// 返回较大的一个\n{HEAD}\n\tif a > b {{\n\t\treturn a\n\t}}\n\treturn b\n}}",
        "if a > b {\n\treturn a\n}\nreturn b",
        f"package main\n\n{HEAD}\n\tif a > b {{\n\t\treturn a\n\t}}\n\treturn b\n}}\n\n// 待办\n"
        f"{HEAD}",
    ],
)
def test_a_stub_under_its_comment_is_written_once(code: str) -> None:
    told = splice(target.find("a.go", STUB), f"```go\n{code}\n```").text
    assert told.count(HEAD) == 1
    assert "panic" not in told
    assert "待办" not in told
    body = "\tif a > b {\n\t\treturn a\n\t}\n\treturn b\n}\n\nfunc main() {}\n"
    assert told == f"package main\n\n{HEAD}\n{body}"


def test_a_function_that_says_something_already_is_no_stub() -> None:
    text = STUB.replace('panic("not implemented")', "return a")
    told = splice(target.find("a.go", text), "```go\nvar x = 1\n```").text
    assert "var x = 1\nfunc larger" in told
    assert "return a" in told
