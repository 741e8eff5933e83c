"""Every function of the language: its types, and how it is said and typeset.

What they compute is in `exact.definitions` (plain and exact), `exact.graphs` and `kernels`
(fast). The words of a truth end in a predicate, so that it can be denied.
"""

from __future__ import annotations

from dataclasses import dataclass

from lemmata.apps.conjecture.language.syntax import Type


@dataclass(frozen=True, slots=True)
class Function:
    """`takes` may be one type with `variadic`: two or more of it. A real parameter takes an int."""

    takes: tuple[Type, ...]
    gives: Type
    english: str
    chinese: str
    latex: str
    variadic: bool = False


_I: tuple[Type, ...] = ("int",)
_II: tuple[Type, ...] = ("int", "int")
_R: tuple[Type, ...] = ("real",)
_G: tuple[Type, ...] = ("graph",)


def _truth(takes: tuple[Type, ...], english: str, chinese: str) -> Function:
    spoken = english.replace("{0}", "${0}$").replace("{1}", "${1}$")
    return Function(takes, "bool", english, chinese, r"\text{{" + spoken + "}}")


def _value(takes: tuple[Type, ...], english: str, chinese: str, latex: str) -> Function:
    return Function(takes, "int", english, chinese, latex)


def _real(takes: tuple[Type, ...], english: str, chinese: str, latex: str) -> Function:
    return Function(takes, "real", english, chinese, latex)


FUNCTIONS: dict[str, Function] = {
    # truths about integers
    "prime": _truth(_I, "{0} is prime", "{0}是素数"),
    "composite": _truth(_I, "{0} is composite", "{0}是合数"),
    "even": _truth(_I, "{0} is even", "{0}是偶数"),
    "odd": _truth(_I, "{0} is odd", "{0}是奇数"),
    "square": _truth(_I, "{0} is a perfect square", "{0}是完全平方数"),
    "cube": _truth(_I, "{0} is a perfect cube", "{0}是完全立方数"),
    "power": _truth(_I, "{0} is a perfect power", "{0}是完全幂"),
    "power_of_two": _truth(_I, "{0} is a power of two", "{0}是2的幂"),
    "triangular": _truth(_I, "{0} is a triangular number", "{0}是三角形数"),
    "squarefree": _truth(_I, "{0} is squarefree", "{0}是无平方因子数"),
    "perfect": _truth(_I, "{0} is a perfect number", "{0}是完全数"),
    "abundant": _truth(_I, "{0} is abundant", "{0}是盈数"),
    "deficient": _truth(_I, "{0} is deficient", "{0}是亏数"),
    "palindrome": _truth(_I, "{0} is a palindrome", "{0}是回文数"),
    "collatz": _truth(_I, "{0} is led to 1 by the Collatz map", "{0}是经考拉兹映射到达1的数"),
    "divides": _truth(_II, "{0} is a divisor of {1}", "{0}是{1}的因数"),
    "coprime": _truth(_II, "{0} is coprime to {1}", "{0}是与{1}互素的数"),
    # values of integers
    "phi": _value(_I, "Euler's phi of {0}", "{0}的欧拉函数值", r"\varphi({0})"),
    "sigma": _value(_I, "the divisor sum of {0}", "{0}的约数和", r"\sigma({0})"),
    "tau": _value(_I, "the number of divisors of {0}", "{0}的约数个数", r"\tau({0})"),
    "omega": _value(
        _I, "the number of distinct prime factors of {0}", "{0}的不同素因子个数", r"\omega({0})"
    ),
    "bigomega": _value(
        _I,
        "the number of prime factors of {0} counted with multiplicity",
        "{0}的素因子个数（计重数）",
        r"\Omega({0})",
    ),
    "mobius": _value(_I, "the Möbius function of {0}", "{0}的默比乌斯函数值", r"\mu({0})"),
    "liouville": _value(_I, "the Liouville function of {0}", "{0}的刘维尔函数值", r"\lambda({0})"),
    "liouville_sum": _value(
        _I, "the sum of the Liouville function up to {0}", "刘维尔函数到{0}的和", r"L({0})"
    ),
    "mertens": _value(
        _I, "the sum of the Möbius function up to {0}", "默比乌斯函数到{0}的和", r"M({0})"
    ),
    "primepi": _value(_I, "the number of primes up to {0}", "不超过{0}的素数个数", r"\pi({0})"),
    "nthprime": _value(_I, "the prime number {0}", "第{0}个素数", r"p_{{{0}}}"),
    "nextprime": _value(
        _I,
        "the next prime after {0}",
        "{0}之后的下一个素数",
        r"\operatorname{{nextprime}}({0})",
    ),
    "primorial": _value(
        _I, "the product of the first {0} primes", "前{0}个素数的乘积", r"p_{{{0}}}\#"
    ),
    "lpf": _value(
        _I, "the least prime factor of {0}", "{0}的最小素因子", r"\operatorname{{lpf}}({0})"
    ),
    "gpf": _value(
        _I, "the greatest prime factor of {0}", "{0}的最大素因子", r"\operatorname{{gpf}}({0})"
    ),
    "factorial": _value(_I, "the factorial of {0}", "{0}的阶乘", "({0})!"),
    "fib": _value(_I, "the Fibonacci number F({0})", "斐波那契数F({0})", r"F_{{{0}}}"),
    "lucas": _value(_I, "the Lucas number L({0})", "卢卡斯数L({0})", r"L_{{{0}}}"),
    "catalan": _value(_I, "the Catalan number C({0})", "卡塔兰数C({0})", r"C_{{{0}}}"),
    "partitions": _value(_I, "the number of partitions of {0}", "{0}的分拆数", r"p({0})"),
    "derangements": _value(
        _I, "the number of derangements of {0} things", "{0}个元素的错排数", r"D_{{{0}}}"
    ),
    "digitsum": _value(_I, "the digit sum of {0}", "{0}的数字和", r"s_{{10}}({0})"),
    "reverse": _value(
        _I, "the digits of {0} reversed", "{0}的各位数字反写", r"\operatorname{{rev}}({0})"
    ),
    "isqrt": _value(
        _I, "the integer square root of {0}", "{0}的整数平方根", r"\lfloor\sqrt{{{0}}}\rfloor"
    ),
    "collatz_steps": _value(
        _I,
        "the number of Collatz steps from {0} to 1",
        "{0}到1的考拉兹步数",
        r"\operatorname{{steps}}({0})",
    ),
    "collatz_max": _value(
        _I,
        "the greatest number on the Collatz path of {0}",
        "{0}的考拉兹路径上的最大数",
        r"\operatorname{{peak}}({0})",
    ),
    "gcd": _value(
        _II, "the greatest common divisor of {0} and {1}", "{0}与{1}的最大公约数", r"\gcd({0},{1})"
    ),
    "lcm": _value(
        _II,
        "the least common multiple of {0} and {1}",
        "{0}与{1}的最小公倍数",
        r"\operatorname{{lcm}}({0},{1})",
    ),
    "binomial": _value(
        _II,
        "the binomial coefficient {0} over {1}",
        "二项式系数C({0},{1})",
        r"\binom{{{0}}}{{{1}}}",
    ),
    "powmod": _value(
        ("int", "int", "int"),
        "{0} to the power {1} modulo {2}",
        "{0}的{1}次方模{2}",
        r"({0})^{{{1}}} \bmod {2}",
    ),
    # reals
    "sqrt": _real(_R, "the square root of {0}", "{0}的平方根", r"\sqrt{{{0}}}"),
    "log": _real(_R, "the natural logarithm of {0}", "{0}的自然对数", r"\ln({0})"),
    "exp": _real(_R, "e to the power {0}", "e的{0}次方", r"e^{{{0}}}"),
    "pi": _real((), "π", "π", r"\pi"),
    "abs": Function(_R, "real", "the absolute value of {0}", "{0}的绝对值", r"\left|{0}\right|"),
    "min": Function(_R, "real", "the least of {0}", "{0}中的最小值", r"\min({0})", variadic=True),
    "max": Function(
        _R, "real", "the greatest of {0}", "{0}中的最大值", r"\max({0})", variadic=True
    ),
    "floor": Function(
        _R, "int", "{0} rounded down", "{0}向下取整", r"\left\lfloor{0}\right\rfloor"
    ),
    "ceil": Function(_R, "int", "{0} rounded up", "{0}向上取整", r"\left\lceil{0}\right\rceil"),
    # graphs: finite, simple, undirected
    "order": _value(_G, "the number of vertices of {0}", "{0}的顶点数", r"|V({0})|"),
    "size": _value(_G, "the number of edges of {0}", "{0}的边数", r"|E({0})|"),
    "maxdegree": _value(_G, "the maximum degree of {0}", "{0}的最大度", r"\Delta({0})"),
    "mindegree": _value(_G, "the minimum degree of {0}", "{0}的最小度", r"\delta({0})"),
    "degreesum": _value(_G, "the degree sum of {0}", "{0}的度数之和", r"\sum_{{v}}\deg_{{{0}}}(v)"),
    "odd_vertices": _value(
        _G,
        "the number of vertices of odd degree of {0}",
        "{0}的奇度顶点数",
        r"\#\{{v:\deg_{{{0}}}(v)\text{{ odd}}\}}",
    ),
    "chromatic": _value(_G, "the chromatic number of {0}", "{0}的色数", r"\chi({0})"),
    "clique": _value(_G, "the clique number of {0}", "{0}的团数", r"\omega({0})"),
    "independence": _value(_G, "the independence number of {0}", "{0}的独立数", r"\alpha({0})"),
    "matching": _value(_G, "the matching number of {0}", "{0}的匹配数", r"\nu({0})"),
    "cover": _value(_G, "the vertex cover number of {0}", "{0}的点覆盖数", r"\tau({0})"),
    "components": _value(_G, "the number of components of {0}", "{0}的连通分支数", r"c({0})"),
    "triangles": _value(_G, "the number of triangles of {0}", "{0}的三角形个数", r"t({0})"),
    "complement": Function(_G, "graph", "the complement of {0}", "{0}的补图", r"\overline{{{0}}}"),
    "connected": _truth(_G, "{0} is connected", "{0}是连通图"),
    "bipartite": _truth(_G, "{0} is bipartite", "{0}是二部图"),
    "tree": _truth(_G, "{0} is a tree", "{0}是树"),
    "acyclic": _truth(_G, "{0} is acyclic", "{0}是无圈图"),
    "triangle_free": _truth(_G, "{0} is triangle-free", "{0}是无三角形的图"),
    "regular": _truth(_G, "{0} is regular", "{0}是正则图"),
    "complete": _truth(_G, "{0} is complete", "{0}是完全图"),
    "hamiltonian": _truth(_G, "{0} is Hamiltonian", "{0}是哈密顿图"),
    "eulerian": _truth(_G, "{0} is Eulerian", "{0}是欧拉图"),
}

CONSTANTS = frozenset({"pi"})
KEEPS_INT = frozenset({"abs", "min", "max"})
"""Functions of reals that give an integer for integers."""
