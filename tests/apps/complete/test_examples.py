"""What a TODO's code is run on, and what of the file runs."""

from __future__ import annotations

from lemmata.apps.complete import reach, target
from lemmata.apps.complete.context import prompt
from lemmata.apps.complete.examples import statement_of
from lemmata.apps.complete.target import Target
from lemmata.solve.programs.inputs import growing, varied
from lemmata.verify.cases import Asserts, Call, Stdio
from lemmata.verify.sandbox import room
from lemmata.verify.sandbox.limits import Limits

FILE = '''from __future__ import annotations
import os
import turtle
from helpers import LIMIT, twice

CACHE = {}


def used(x):
    return twice(x) if x < LIMIT else CACHE.get(x)


def unused():
    turtle.done()


def f(xs: list[int], k: int = 1) -> list[int]:
    """The k largest.

    >>> f([3, 1], k=1)
    [3]
    >>> sorted(f([1, 2], 2))
    [1, 2]
    >>> a = [5, 4]
    >>> f(a)
    [5]
    >>> f(None)
    Traceback (most recent call last):
    TypeError
    """
    # TODO: f([2, 9]) returns [9]; f([]) == []
    return [used(x) for x in xs]


assert f([7]) == [7]
print(input())
'''
HELPERS = "LIMIT = 10\n\ndef twice(x):\n    return 2 * x\n\nassert f([8, 8]) == [8]\n"


def found(text: str = FILE, path: str = "a.py", **near: str) -> Target:
    return target.find(path, text, near={f"{name}.py": near[name] for name in near})


def test_examples_of_docstring_comment_and_assertions() -> None:
    told = statement_of(found(helpers=HELPERS)).examples
    assert told == (
        Call("f", ([2, 9],), [9]),
        Call("f", ([],), []),
        Call("f", ([3, 1],), [3], {"k": 1}),
        Asserts("f", "assert (sorted(f([1, 2], 2))) == ([1, 2])"),
        Asserts("f", "a = [5, 4]\nassert (f(a)) == ([5])"),
        Call("f", ([7],), [7]),
        Call("f", ([8, 8],), [8]),
    )


def test_examples_that_follow_each_other_in_a_comment() -> None:
    for sign in ("; ", "；", ";", "。"):
        words = f"f([3, 1]) == 2{sign}f([4]) 返回 0"
        text = f"def f(xs):\n    # 待办：最大差\n    # {words}\n    pass\n"
        told = statement_of(found(text)).examples
        assert told == (Call("f", ([3, 1],), 2), Call("f", ([4],), 0)), sign


def test_without_an_example_annotations_tell_what_inputs_are() -> None:
    text = "def f(n: int, s: 'str | None', xs: dict[str, list[float]]) -> int:\n    # TODO: count\n"
    statement = statement_of(found(text))
    assert statement.examples == ()
    assert statement.shapes == (Call("f", (6, "abc ab", {"abc ab": [1.5] * 3}), None),)
    assert len(varied(statement, 12, 0)) == 12
    assert [given.size for given in growing(statement, (4, 8), 0)] == [4, 8]
    assert statement_of(found("def f(n):\n    # TODO: count\n")).shapes == ()


def test_programs_are_run_on_input_and_output() -> None:
    shown = "TODO: double.\n// Input\n// 3\n// Output\n// 6\n"
    cpp = found(f"// {shown}int main() {{}}\n", "a.cpp")
    assert statement_of(cpp).examples == (Stdio("3\n", "6\n"),)
    assert statement_of(found(f"// {shown}f();\n", "a.js")).examples == ()


def test_only_what_the_function_needs_is_run_and_lines_keep_their_numbers() -> None:
    program = reach.program(found(helpers=HELPERS), FILE)
    lines = program.split("\n")
    assert len(lines) == len(FILE.split("\n"))
    for gone in ("import os", "turtle", "print(", "unused"):
        assert gone not in program
    assert lines[5] == "CACHE = {}"
    assert lines[8] == "def used(x):"


def test_files_beside_it_are_there_when_it_runs() -> None:
    for imports in ("from helpers import twice", "from .helpers import twice"):
        text = f"{imports}\n\ndef f(x):\n    # TODO: twice x\n    return twice(x)\n"
        near = {"helpers": "def twice(x):\n    return 2 * x\n"}
        program = reach.program(found(text, **near), text) + "\nprint(f(4))\n"
        run = room.shared().run(program, limits=Limits(time_s=5))
        assert (run.status, run.stdout) == ("OK", b"8\n"), run.stderr


def test_the_prompt_shows_the_function_whole_and_others_by_their_heads() -> None:
    asked = prompt(found(helpers=HELPERS))
    assert "The TODO, line 31: f([2, 9]) returns [9]; f([]) == []" in asked
    assert "Then write the whole function `f`" in asked
    assert "def twice(x):" in asked
    assert "def unused():\n# …" in asked
    assert "return twice(x) if x < LIMIT else CACHE.get(x)" in asked


def test_a_chinese_todo_is_asked_in_chinese() -> None:
    asked = prompt(found("def f(x):\n    # 待办：返回 x 的两倍\n    pass\n"))
    assert "待办（第 2 行）：返回 x 的两倍" in asked
    assert "写出完整的函数 `f`" in asked


def test_a_long_file_is_cut_to_what_is_near() -> None:
    text = "".join(f"def g{i}():\n    '''{'x' * 90}'''\n\n" for i in range(300))
    asked = prompt(found(text + "def f(x):\n    # TODO: x\n    pass\n"))
    assert len(asked) < 8000
    assert "g299" in asked
    assert "g0(" not in asked
    other = prompt(found("x = 1;\n" * 4000 + "// TODO: f\n" + "y = 2;\n" * 4000, "a.js"))
    assert "// TODO: f" in other
    assert len(other) < 8000
