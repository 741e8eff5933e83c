import pytest

from lemmata.data.tasks import FAMILIES
from lemmata.data.tasks import family as shape
from lemmata.solve.programs.inputs import growing, varied
from lemmata.solve.programs.statement import asks_for_program, read
from lemmata.verify.cases import Call, Stdio

SAMPLES = """Print the largest sum of neighbours.

Input
The first line has n, the second n integers.

Sample Input 1
3
1 -2 3
Sample Output 1
3

Sample Input 2
2
-1 -5
Sample Output 2
-1
"""
CHINESE = "输入 n，输出 n 的阶乘。\n样例输入\n4\n样例输出\n24\n"
FENCED = "### Example Input\n```\n4 5\n```\n### Example Output\n```\n9\n```\n"
SHELL = "Write `gcd(a, b)`.\n>>> gcd(12, 18)\n6\n>>> gcd(5, 7)\n1\n"


def test_samples_of_contests() -> None:
    assert read(SAMPLES).examples == (Stdio("3\n1 -2 3\n", "3\n"), Stdio("2\n-1 -5\n", "-1\n"))
    assert read(CHINESE).examples == (Stdio("4\n", "24\n"),)
    assert read(FENCED).examples == (Stdio("4 5\n", "9\n"),)


def test_calls() -> None:
    assert read(SHELL).examples == (Call("gcd", (12, 18), 6), Call("gcd", (5, 7), 1))
    stated = "Implement f. For example f([1, 2]) returns 3, and f([]) == 0."
    assert read(stated).examples == (Call("f", ([1, 2],), 3), Call("f", ([],), 0))


def test_nothing_but_literals_is_read() -> None:
    assert read(">>> f(__import__('os').system('true'))\n0\n").examples == ()
    assert read(">>> f(1)\nopen('x')\n").examples == ()


def test_bounds_of_a_single_integer() -> None:
    statement = read("Read one integer n (0 <= n <= 60) and print it.")
    assert (statement.low, statement.high) == (0, 60)
    assert read("an integer n (1 <= n <= 10^5)").high == 10**5
    assert read("一个整数 n（0 ≤ n ≤ 40）").high == 40
    assert read("Points with 0 <= x <= 3.").high is None


@pytest.mark.parametrize("name", [name for name in FAMILIES if name.startswith("dp-")])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_families_ask_for_programs(name: str, language: str) -> None:
    item = shape.make(FAMILIES[name], 3, 1, language)  # type: ignore[arg-type]
    assert asks_for_program(item.problem)


def test_mathematics_does_not() -> None:
    for name in ("vieta", "series", "lattice-paths"):
        assert not asks_for_program(shape.make(FAMILIES[name], 3, 1, "en").problem)
    assert not asks_for_program("What is 6 times 7?")


def test_inputs_keep_the_shape_of_the_example() -> None:
    made = varied(read(SAMPLES), 12, seed=1)
    assert len(made) == 12
    for given in made:
        count, numbers = given.stdin.splitlines()
        assert int(count) == len(numbers.split()) > 0
    assert varied(read(SAMPLES), 12, seed=1) == made, "drawn from the seed alone"


def test_inputs_grow() -> None:
    grown = growing(read(SAMPLES), (4, 64, 512), seed=1)
    assert [int(given.stdin.split()[0]) for given in grown] == [4, 64, 512]
    bounded = growing(read("one integer n (0 <= n <= 60)"), (4, 64), seed=1)
    assert [given.stdin for given in bounded] == ["4\n"]


def test_no_shape_no_inputs() -> None:
    assert varied(read("Write a program that prints hello."), 12, seed=1) == ()
