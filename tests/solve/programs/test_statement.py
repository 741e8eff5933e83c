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


ONE = Call("sq", (3,), 9)
SHOWN = {
    "Example 1:\n\nInput: n = 3\nOutput: 9\nExplanation: .\n\nExample 2:\nInput: n = 4\nOutput: 16":
        (ONE, Call("sq", (4,), 16)),
    "示例 1：\n输入：n = 3\n输出：9\n解释：平方": (ONE,),
    "Example: Input: n = 3, Output: 9": (ONE,),
    "Examples: `sq(3) == 9`, sq(4) -> 16, and sq(-5) should return 25.":
        (ONE, Call("sq", (4,), 16), Call("sq", (-5,), 25)),
    "例如 sq(3) 返回 9，sq(4) = 16。": (ONE, Call("sq", (4,), 16)),
    "| input | output |\n|---|---|\n| 3 | 9 |": (ONE,),
    "Here G(0) = 0 and G(n) = G(n-1) + 2n - 1, so sq is G.": (),
    "Input: a list\nOutput: its length": (),
}  # fmt: skip
READ = {
    "【输入格式】一个整数。\n【样例输入】\n3\n【样例输出】\n9\n【样例解释】\n平方":
        (Stdio("3\n", "9\n"),),
    "## 样例 #1\n### 样例输入 #1\n```\n2 3\n```\n### 样例输出 #1\n```\n9\n```\n":
        (Stdio("2 3\n", "9\n"),),
    "【样例1输入】\n3\n【样例1输出】\n9\n【样例1解释】\n平方": (Stdio("3\n", "9\n"),),
    "Input\nThe line has n.\n\nOutput\nPrint one number.\n\nExamples\nInput\n3\nOutput\n9\nNote\n.":
        (Stdio("3\n", "9\n"),),
    "Sample Input: 3\nSample Output: 9\n": (Stdio("3\n", "9\n"),),
    "Example\n\nInput: hello\n\nOutput: olleh": (Stdio("hello\n", "olleh\n"),),
    "For input 3 the output is 9.": (Stdio("3\n", "9\n"),),
    "例如：输入 3 4，输出 7。": (Stdio("3 4\n", "7\n"),),
    "Input: nums = [3], k = 2\nOutput: 9": (),
}  # fmt: skip


@pytest.mark.parametrize("text", SHOWN)
def test_examples_of_a_function(text: str) -> None:
    assert read(f"Write a function sq(n).\n{text}").examples == SHOWN[text]


@pytest.mark.parametrize("text", READ)
def test_examples_of_a_program(text: str) -> None:
    assert read(f"Write a program.\n{text}").examples == READ[text]


def test_methods() -> None:
    asked = "class A:\n    def two(self, a, k):\n        ...\nInput: a = [3], k = 2\nOutput: true"
    assert read(asked).examples == (Call("A.two", ([3], 2), True),)


@pytest.mark.parametrize(
    "piece", ["f(", "f('", "[", " ", "Input\n", "|a", "输入 3，", "Example 1:"]
)
def test_no_statement_takes_long(piece: str) -> None:
    """Linear in the text, or bounded by the longest literal."""
    read(piece * 8000)


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
