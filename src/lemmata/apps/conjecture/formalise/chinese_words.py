"""The vocabulary of the Chinese templates."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from functools import partial

from lemmata.apps.conjecture.formalise.numbers import ONE, TWO, harmonic, number
from lemmata.apps.conjecture.language.syntax import (
    Bind,
    Call,
    Name,
    Node,
    Operate,
    Relation,
)

EVERY = r"(?:每一?[个棵]?|任意一?[个棵]?|任何一?[个棵]?|任一[个棵]?|所有的?|一切|凡是?|全体)"
DIGITS = {
    "一": 1,
    "两": 2,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
}
ATOM = r"(-?\d+(?:\.\d+)?(?:/\d+)?|[一两二三四五六七八九十])"
VARS = r"[A-Za-z](?:\s*[,、和]\s*[A-Za-z])*"
RELATIONS: list[tuple[str, Relation]] = [
    (r"小于或?等于|不大于|不超过|至多为?|不多于", "<="),
    (r"大于或?等于|不小于|至少为?|不少于", ">="),
    (r"小于|少于|低于", "<"), (r"大于|多于|超过|高于", ">"), (r"不等于", "!="), (r"等于", "="),
]  # fmt: skip
RELATION = "|".join(f"(?:{pattern})" for pattern, _ in RELATIONS)
# What a number or a graph can be.
TRUTHS: dict[str, str] = {
    "素数": "prime", "质数": "prime", "合数": "composite", "偶数": "even", "奇数": "odd",
    "完全平方数": "square", "平方数": "square", "完全立方数": "cube", "立方数": "cube",
    "完全幂": "power", "2的幂": "power_of_two", "2的方幂": "power_of_two", "二的幂": "power_of_two",
    "三角形数": "triangular", "三角数": "triangular", "无平方因子数": "squarefree",
    "完全数": "perfect", "完美数": "perfect", "盈数": "abundant", "过剩数": "abundant",
    "亏数": "deficient", "回文数": "palindrome", "连通图": "connected", "连通的": "connected",
    "二部图": "bipartite", "二分图": "bipartite", "树": "tree", "无圈图": "acyclic",
    "森林": "acyclic", "无三角形的图": "triangle_free", "无三角形图": "triangle_free",
    "正则图": "regular", "完全图": "complete", "哈密顿图": "hamiltonian", "欧拉图": "eulerian",
}  # fmt: skip
_KINDS = (
    "正整数",
    "自然数",
    "非负整数",
    "负整数",
    "整数",
    "正实数",
    "非负实数",
    "实数",
    "图",
    "数",
)
NOUNS = "|".join(sorted([*TRUTHS, *_KINDS], key=len, reverse=True))
VALUES: list[tuple[str, Callable[..., Node]]] = [
    (rf"(.+?)的{words}", lambda n, function=function: Call(function, (n,)))
    for words, function in [
        (r"(?:正)?(?:约数|因数|因子)(?:之)?和", "sigma"),
        (r"(?:正)?(?:约数|因数)(?:的)?个数", "tau"),
        (r"不同(?:的)?素因子(?:的)?个数", "omega"), (r"素因子(?:的)?个数", "bigomega"),
        (r"(?:整数)?分拆数", "partitions"), (r"错排数", "derangements"), (r"欧拉函数值?", "phi"),
        (r"顶点数", "order"), (r"边数", "size"), (r"三角形(?:的)?个数", "triangles"),
        (r"(?:连通)?分支数", "components"), (r"奇度顶点(?:的)?个数", "odd_vertices"),
        (r"最大度", "maxdegree"), (r"最小度", "mindegree"), (r"度数之?和", "degreesum"),
        (r"色数", "chromatic"), (r"团数", "clique"), (r"独立数", "independence"),
        (r"匹配数", "matching"), (r"点?覆盖数", "cover"), (r"(?:各位)?数字(?:之)?和", "digitsum"),
        (r"最小素因子", "lpf"), (r"最大素因子", "gpf"), (r"平方根", "sqrt"), (r"阶乘", "factorial"),
        (r"考拉兹步数", "collatz_steps"), (r"考拉兹路径上(?:的)?最大数", "collatz_max"),
        (r"补图", "complement"),
    ]
]  # fmt: skip
_K = Name("k")
FIRST: dict[str, Node] = {
    "正整数|自然数": _K,
    "正?奇数": Operate("-", Operate("*", TWO, _K), ONE),
    "正?偶数": Operate("*", TWO, _K),
    "(?:完全)?平方数": Operate("^", _K, TWO),
    "立方数": Operate("^", _K, number(3)),
    "斐波那契数": Call("fib", (_K,)),
    "素数|质数": Call("nthprime", (_K,)),
    "三角形?数": Operate("//", Operate("*", _K, Operate("+", _K, ONE)), TWO),
}  # fmt: skip
"""The k-th of the first n of a kind."""


def sum_of_first(term: Node, n: Node) -> Node:
    return Bind("sum", "k", ONE, n, term)


VALUES += [
    (r"刘维尔函数到(.+?)的和", lambda n: Call("liouville_sum", (n,))),
    (r"默比乌斯函数到(.+?)的和", lambda n: Call("mertens", (n,))),
    (r"不(?:超过|大于)(.+?)的素数(?:的)?个数", lambda n: Call("primepi", (n,))),
    (r"第(.+?)个素数", lambda n: Call("nthprime", (n,))),
    (r"第(.+?)个斐波那契数", lambda n: Call("fib", (n,))),
    (r"第(.+?)个卢卡斯数", lambda n: Call("lucas", (n,))),
    (r"第(.+?)个卡[塔特]兰数", lambda n: Call("catalan", (n,))),
    (r"第(.+?)个调和数", harmonic),
    (r"前(.+?)个素数的乘?积", lambda n: Call("primorial", (n,))),
    *[
        (rf"前(.+?)个(?:{kind})(?:之|的)和", partial(sum_of_first, term))
        for kind, term in FIRST.items()
    ],
    *[
        (rf"前(.+?)个(?:{kind})的(?:{name})(?:之|的)?和",
         partial(sum_of_first, Operate("^", term, number(power))))
        for name, power in (("平方", 2), ("立方", 3)) for kind, term in FIRST.items()
    ],
    (r"(.+?)的(?:个位数字?|末[位尾]数字?)", lambda a: Operate("mod", a, number(10))),
    (r"(.+?)(?:除以|模)(.+?)的余数", lambda a, b: Operate("mod", a, b)),
    (r"(.+?)的(.+?)次[方幂]", lambda a, b: Operate("^", a, b)),
    (r"(.+?)的立方", lambda a: Operate("^", a, number(3))),
    (r"(.+?)的(?:三倍|3倍)", lambda a: Operate("*", number(3), a)),
    (r"(.+?)的绝对值", lambda a: Call("abs", (a,))),
    (r"(.+?)[与和](.+?)的最大公[约因]数", lambda a, b: Call("gcd", (a, b))),
    (r"(.+?)[与和](.+?)的最小公倍数", lambda a, b: Call("lcm", (a, b))),
    (r"(.+?)的(?:两倍|二倍|2倍)", lambda a: Operate("*", TWO, a)),
    (r"(.+?)的平方", lambda a: Operate("^", a, TWO)),
]  # fmt: skip
COUNTED = {
    "素因子": "bigomega", "不同的素因子": "omega", "约数": "tau", "因数": "tau", "边": "size",
    "顶点": "order", "点": "order", "素因数": "bigomega", "质因数": "bigomega",
    "质因子": "bigomega", "正约数": "tau", "正因数": "tau", "连通分支": "components",
    "奇度顶点": "odd_vertices", "三角形": "triangles",
}  # fmt: skip
Family = tuple[str, int, Callable[[Node], Node], str, str]
FAMILIES: list[Family] = [
    (r"费马数", 0, lambda n: Operate("+", Operate("^", TWO, Operate("^", TWO, n)), ONE), "", "n"),
    (r"(?:指数为素数的)梅森数", 2, lambda p: Operate("-", Operate("^", TWO, p), ONE), "prime", "p"),
    (r"下标为大于3的素数的斐波那契数", 4, lambda p: Call("fib", (p,)), "prime", "p"),
    (r"欧几里[得德]数", 1, lambda n: Operate("+", Call("primorial", (n,)), ONE), "", "n"),
    (r"中心二项式系数", 1, lambda n: Call("binomial", (Operate("*", TWO, n), n)), "", "n"),
    (r"卡[塔特]兰数", 0, lambda n: Call("catalan", (n,)), "", "n"),
]  # fmt: skip


LABELS = (
    r"^(?:组合数|二项式系数|斐波那契数|卢卡斯数|卡[塔特]兰数|整数|正整数|式子|多项式|表达式|数列|数)"
    r"\s*(?=[A-Za-z0-9\\(])"
)
"""What may stand before a formula and says nothing that the formula does not."""


def relation(words: str) -> Relation:
    return next(op for pattern, op in RELATIONS if re.fullmatch(pattern, words))


def count(text: str) -> Fraction:
    return Fraction(DIGITS.get(text) or text)
