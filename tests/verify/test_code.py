"""The judge: letters, checkers, exact values, test code about a function, C++, bad input."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lemmata.errors import BadData, BadInput
from lemmata.types import as_json
from lemmata.verify import Asserts, Call, Limits, Stdio, judge, read_tests
from lemmata.verify.checkers import Close, Custom, Exact, Floats, Json, Tokens
from lemmata.verify.sandbox import Sandbox, open_sandbox

DOUBLE = "print(int(input()) * 2)"
cpp = pytest.mark.skipif(not shutil.which("g++", path="/usr/bin"), reason="no g++ in /usr/bin")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox() as opened:
        yield opened


def letters(sandbox: Sandbox, program: str, *tests: Any, **settings: Any) -> str:
    judged = judge(program, tests, sandbox=sandbox, **settings)
    return " ".join(outcome.verdict for outcome in judged.tests)


def test_one_letter_verdict_a_test_and_the_first_failing(sandbox: Sandbox) -> None:
    tests = [Stdio("3\n", "6"), Stdio("4", "9"), Stdio("x", "0")]
    judged = judge(DOUBLE, tests, sandbox=sandbox)
    assert [outcome.verdict for outcome in judged.tests] == ["AC", "WA", "RE"]
    assert (judged.verdict, judged.first_failing, judged.passed) == ("WA", 1, 1)
    assert judged.isolation == sandbox.level.rung
    assert "line 1 is '8', expected '9'" in judged.tests[1].reason
    assert "ValueError" in judged.tests[2].reason
    assert all(outcome.wall_s > 0 and outcome.peak_mib > 1 for outcome in judged.tests)
    assert json.loads(json.dumps(as_json(judged)))["verdict"] == "WA"


def test_until_failure_runs_no_test_after_it(sandbox: Sandbox) -> None:
    tests = [Stdio("1", "2"), Stdio("1", "3"), Stdio("1", "2")]
    judged = judge(DOUBLE, tests, sandbox=sandbox, until_failure=True)
    assert [outcome.verdict for outcome in judged.tests] == ["AC", "WA"]


@pytest.mark.parametrize(
    ("program", "verdict"),
    [
        ("while True: pass", "TLE"),
        ("import time; time.sleep(9)", "TLE"),
        ("x = [0] * 10**9", "MLE"),
        ("while True: print('x' * 4096)", "OLE"),
        ("raise SystemExit(3)", "RE"),
        ("print(6); exit()", "AC"),
        ("print(6); quit(0)", "AC"),
        ("print(6); exit(3)", "RE"),
        ("1/0", "RE"),
        ("def", "CE"),
        ("print(6)", "AC"),
        ("import sys; print(6); sys.exit(0)", "AC"),
        ("import sys; print(6); sys.exit('no')", "RE"),
        ("import threading; threading.Thread(target=print, args=(6,)).start()", "AC"),
        ("import atexit; atexit.register(print, 6)", "AC"),
        ("import asyncio; asyncio.run(asyncio.sleep(0)); print(6)", "AC"),
        ("if __name__ == '__main__': print(6)", "AC"),
        ("print(open('/dev/stdin').read().strip())", "AC"),
        ("print(open(0).read().strip())", "AC"),
        ("from dataclasses import dataclass\n@dataclass\nclass A:\n x: int\nprint(A(6).x)", "AC"),
        ("print('6\\n\\n  \\n')", "AC"),
    ],
)
def test_letters(sandbox: Sandbox, program: str, verdict: str) -> None:
    limits = Limits(time_s=0.5, wall_s=4, output_kib=64, memory_mib=128)
    assert letters(sandbox, program, Stdio("6", "6"), limits=limits) == verdict


def test_a_program_that_does_not_compile_fails_every_test_with_the_line(sandbox: Sandbox) -> None:
    judged = judge("x = 1\nx = = 2", [Stdio("", ""), Stdio("", "")], sandbox=sandbox)
    assert [outcome.verdict for outcome in judged.tests] == ["CE", "CE"]
    assert judged.complaint.startswith("line 2: ")


@pytest.mark.parametrize(
    ("body", "expected", "verdict"),
    [
        ("1", 1, "AC"),
        ("True", 1, "WA"),
        ("1.0", 1, "WA"),
        ("1", 1.0, "WA"),
        ("float('nan')", float("nan"), "AC"),
        ("-0.0", 0.0, "AC"),
        ("{'b': 2, 'a': 1}", {"a": 1, "b": 2}, "AC"),
        ("{3, 1, 2}", {1, 2, 3}, "AC"),
        ("frozenset({1})", {1}, "WA"),
        ("(1, 2)", [1, 2], "WA"),
        ("b'x'", "x", "WA"),
        ("10**300", 10**300, "AC"),
        ("'\\ud800'", "\ud800", "AC"),
        ("1 + 2j", 1 + 2j, "AC"),
        ("__import__('collections').Counter('aab')", {"a": 2, "b": 1}, "AC"),
        ("__import__('collections').namedtuple('P', 'x y')(1, 2)", (1, 2), "AC"),
        ("None", None, "AC"),
        ("object()", None, "WA"),
        ("(x for x in [1])", [1], "WA"),
    ],
)
def test_values_are_compared_with_their_types(
    sandbox: Sandbox, body: str, expected: object, verdict: str
) -> None:
    assert letters(sandbox, f"def f(): return {body}", Call("f", (), expected)) == verdict


def test_numbers_of_any_length(sandbox: Sandbox) -> None:
    program = "def f(n): return 10**n"
    tests = [Call("f", (5000,), 10**5000), Call("f", (5000,), 10**5000 + 1)]
    assert letters(sandbox, program, *tests) == "AC WA"


def test_calls_take_every_primitive_as_it_is(sandbox: Sandbox) -> None:
    args = (1, 2.5, "é", b"\0", None, True, [1, (2, {3})], {(1, 2): {"k": [-0.0]}}, 2**70)
    program = "def f(*args, **kw): return repr((args, kw))"
    test = Call("f", args, repr((args, {"z": 1})), {"z": 1})
    assert letters(sandbox, program, test) == "AC"


def test_a_method_is_called_on_a_fresh_instance(sandbox: Sandbox) -> None:
    program = "class Solution:\n n = 0\n def f(self, x):\n  self.n += x\n  return self.n"
    test = Call("Solution.f", (2,), 2)
    assert letters(sandbox, program, test, test) == "AC AC"


@pytest.mark.parametrize(
    ("output", "expected", "checker", "verdict"),
    [
        ("1  2\n3", "1 2 3", Tokens(), "AC"),
        ("1 2 4", "1 2 3", Tokens(), "WA"),
        ("1 2", "1 2 3", Tokens(), "WA"),
        ("Yes", "YES", Tokens(), "WA"),
        ("Yes", "YES", Tokens(ignore_case=True), "AC"),
        ("0.3333333", "0.33333333", Floats(), "AC"),
        ("0.334", "0.3333", Floats(), "WA"),
        ("1e2 x", "100 x", Floats(), "AC"),
        ("nan", "0.5", Floats(), "WA"),
        ("inf", "1e9", Floats(), "WA"),
        ("1_0", "10", Floats(), "WA"),
        ("6 ", "6\n", Exact(), "WA"),
        ("6", "6\n", Exact(), "AC"),
    ],
)
def test_output_checkers(
    sandbox: Sandbox, output: str, expected: str, checker: Any, verdict: str
) -> None:
    test = Stdio("", expected, checker)
    assert letters(sandbox, f"print({output!r})", test) == verdict


@pytest.mark.parametrize(
    ("body", "expected", "checker", "verdict"),
    [
        ("0.1 + 0.2", 0.3, Close(), "AC"),
        ("[1, {'x': 2.0000001}]", [1.0, {"x": 2}], Close(), "AC"),
        ("[1, 2]", [1, 2.1], Close(), "WA"),
        ("True", 1, Close(), "WA"),
        ("10**400", 1.0, Close(), "WA"),
        ("(1, 2)", [1, 2], Json(), "AC"),
        ("{1: (2,)}", {"1": [2]}, Json(), "AC"),
        ("{1}", [1], Json(), "WA"),
    ],
)
def test_value_checkers(
    sandbox: Sandbox, body: str, expected: object, checker: Any, verdict: str
) -> None:
    test = Call("f", (), expected, checker=checker)
    assert letters(sandbox, f"def f(): return {body}", test) == verdict


CUSTOM = """
import sys
given, output, answer = (open(name).read().split() for name in sys.argv[1:])
if sum(map(int, output)) != int(given[0]) or len(output) != 2:
    print("not two parts of", given[0])
    sys.exit(1)
"""


def test_a_custom_checker_judges_in_a_sandbox_of_its_own(sandbox: Sandbox) -> None:
    test = Stdio("10", "", Custom(CUSTOM))
    assert letters(sandbox, "print(3, int(input()) - 3)", test) == "AC"
    judged = judge("print(3, 3)", [test], sandbox=sandbox)
    assert (judged.verdict, judged.tests[0].reason) == ("WA", "not two parts of 10")


@pytest.mark.parametrize("checker", ["import nothing_like_it", "1/0", "raise SystemExit(3)", "def"])
def test_a_broken_checker_is_not_a_wrong_answer(sandbox: Sandbox, checker: str) -> None:
    assert letters(sandbox, "print(1)", Stdio("", "", Custom(checker))) == "IE"


@cpp
def test_a_custom_checker_in_cpp(sandbox: Sandbox) -> None:
    source = """#include <fstream>
    int main(int, char** names) {
        int a, b;
        std::ifstream(names[1]) >> a;
        std::ifstream(names[2]) >> b;
        return a == -b ? 0 : 1;
    }"""
    test = Stdio("5", "", Custom(source, "cpp"))
    assert letters(sandbox, "print(-int(input()))", test) == "AC"
    assert letters(sandbox, "print(input())", test) == "WA"


@pytest.mark.parametrize(
    ("program", "code", "verdict"),
    [
        ("def f(x): return x + 1", "assert f(1) == 2\nassert f(2) == 3", "AC"),
        ("def f(x): return x", "assert f(1) == 2", "WA"),
        ("def f(x): return None", "assert abs(f(1) - 2) < 1", "WA"),
        ("def f(x): 1/0", "assert f(1) == 2", "RE"),
        ("def f(x):\n while 1: pass", "assert f(1) == 2", "TLE"),
        ("def f(x): return {x}", "def check(candidate):\n    assert candidate(1) == {1}", "AC"),
        ("def f(x): return 2", "assert g(1) == 2", "IE"),
        ("def f(x): return 2", "import nothing_like_it", "IE"),
        ("def f(x): return double(x)", "assert f(2) == double(2)", "RE"),
    ],
)
def test_assertions_about_a_function(
    sandbox: Sandbox, program: str, code: str, verdict: str
) -> None:
    test = Asserts("f", code, setup="def double(x): return 2 * x")
    assert letters(sandbox, program, test, limits=Limits(time_s=0.5)) == verdict


def test_assertions_may_call_often_and_keep_dict_order(sandbox: Sandbox) -> None:
    code = "for n in range(50):\n    assert list(f({'b': n, 'a': 1})) == ['b', 'a']"
    assert letters(sandbox, "def f(d): return d", Asserts("f", code)) == "AC"


@cpp
def test_cpp(sandbox: Sandbox) -> None:
    program = "#include <iostream>\nint main() { long n; std::cin >> n; std::cout << n * 2; }"
    tests = [Stdio("3", "6"), Stdio("4", "9")]
    assert letters(sandbox, program, *tests, language="cpp") == "AC WA"
    assert letters(sandbox, "int main() { return x; }", *tests, language="cpp") == "CE CE"
    assert letters(sandbox, "int main() { return *(int*)0; }", tests[0], language="cpp") == "RE"


def test_bad_input(sandbox: Sandbox) -> None:
    with pytest.raises(BadInput, match="no tests"):
        judge("", [], sandbox=sandbox)
    with pytest.raises(BadInput, match="stdin and stdout"):
        judge("", [Call("f", (), 1)], language="cpp", sandbox=sandbox)
    with pytest.raises(BadInput, match="fortran"):
        judge("", [Stdio("", "")], language="fortran", sandbox=sandbox)
    with pytest.raises(BadInput, match="time_s"):
        Limits(time_s=0)


def test_tests_from_a_file(tmp_path: Path, sandbox: Sandbox) -> None:
    path = tmp_path / "tests.jsonl"
    rows: list[dict[str, Any]] = [
        {"function": "f", "args": [3], "expected": [3, 6]},
        {"function": "f", "args": [3], "expected": [3, 6], "checker": "same"},
        {"function": "f", "code": "assert f(1) == (1, 2)"},
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    assert letters(sandbox, "def f(x): return x, 2 * x", *read_tests(path)) == "AC WA AC"
    path.write_text(json.dumps([{"stdin": "1", "expected": "2.0000001", "checker": "floats"}]))
    assert letters(sandbox, DOUBLE, *read_tests(path)) == "AC"


@pytest.mark.parametrize(
    "row",
    [
        "nonsense", '{"stdin": 1, "expected": ""}', '{"function": "f"}', '{"expected": 1}', "[]",
        '{"stdin": "", "expected": "", "checker": "nearly"}', '{"stdin": "", "surplus": ""}',
        '{"function": "f", "expected": 1, "checker": {"name": "close", "far": 1}}', "[1]",
    ],
)  # fmt: skip
def test_a_file_that_holds_no_tests_is_refused_with_the_reason(tmp_path: Path, row: str) -> None:
    path = tmp_path / "tests.json"
    path.write_text(row)
    with pytest.raises(BadData, match=r"tests\.json"):
        read_tests(path)
