"""Formalising by templates: the shipped statements, unseen wordings, LaTeX, and what is refused."""

from __future__ import annotations

import pytest

from lemmata.apps.conjecture import NotUnderstood, formalise, spoken
from lemmata.apps.conjecture.data.statements import Wording, paraphrases, statements, wordings
from lemmata.apps.conjecture.formalise.same import same
from lemmata.apps.conjecture.language.spec import from_text
from lemmata.errors import BadInput

GOLD = {statement.id: statement.gold() for statement in statements()}


@pytest.mark.parametrize("statement", statements(), ids=lambda s: s.id)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_shipped_statement_is_understood(statement, language: str) -> None:
    assert same(formalise(getattr(statement, language)), statement.gold())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_other_wordings_are_understood_or_refused_but_never_misread(language: str) -> None:
    understood = 0
    for paraphrase in paraphrases():
        try:
            spec = formalise(getattr(paraphrase, language))
        except NotUnderstood:
            continue
        assert same(spec, GOLD[paraphrase.of]), spec.text()
        understood += 1
    assert understood >= 0.8 * len(paraphrases())


@pytest.mark.parametrize(
    ("statement", "spec"),
    [
        (r"$\forall n \in \mathbb{N}:\; n^2 + n \text{ is even}$", "for n in 1..: even(n^2 + n)"),
        (r"For all real numbers $x$, $\left|x\right| \ge x$.", "for real x in ..: abs(x) >= x"),
        (r"\forall a, b \in \mathbb{R}: a^2 + b^2 \geq 2ab",
         "for real a, b in ..: a^2 + b^2 >= 2 * a * b"),
        (r"For every prime p > 3, p^2 \equiv 1 \pmod{24}.",
         "for p in 4.. where prime(p): divides(24, p^2 - 1)"),
        ("If n is odd, then n^2 - 1 is divisible by 8.",
         "for n in 1.. where odd(n): divides(8, n^2 - 1)"),
        ("The product of the first n primes plus 1 is squarefree for every positive integer n.",
         "for n in 1..: squarefree(primorial(n) + 1)"),
        ("No prime greater than 2 is even.", "for n in 3.. where prime(n): not even(n)"),
        ("对任意实数 x，x^2 ≥ 0。", "for real x in ..: x^2 >= 0"),
        ("每个连通的图都是二部图。", "for graph G in 1.. where connected(G): bipartite(G)"),
        ("for n in 3..9: prime(n)", "for integer n in 3..9: prime(n)"),
    ],
)  # fmt: skip
def test_latex_and_plain_forms(statement: str, spec: str) -> None:
    got = formalise(statement)
    assert same(got, from_text(spec)), got.text()


@pytest.mark.parametrize("wording", wordings(), ids=lambda w: w.said[:40])
def test_no_wording_is_read_as_another_statement(wording: Wording) -> None:
    gold = wording.gold()
    try:
        spec = formalise(wording.said)
    except NotUnderstood:
        return
    assert gold is not None, spec.text()
    assert same(spec, gold), spec.text()


def test_most_sensible_wordings_are_understood() -> None:
    meant = [wording for wording in wordings() if wording.spec]
    refused = []
    for wording in meant:
        try:
            formalise(wording.said)
        except NotUnderstood:
            refused.append(wording.said)
    assert len(refused) <= 0.05 * len(meant), refused


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("For all odd n, n^2 = 1 mod 8", "8 is a divisor of n^2 - 1"),
        ("If n is congruent to -1 mod 4, then n is odd.", "4 is a divisor of n + 1"),
        ("n^2 - n + 41 is prime for all n < 41", "integer n from 1 to 40"),
        (r"1 + 2 + \ldots + n = n^2 for all n >= 1", "sum of k over k from 1 to n"),
        ("n is even or n is odd and n > 5 for all n >= 1", "even or (n is odd and"),
        ("n is divisible by 3 or 5 for all n", "5 is a divisor of n"),
        ("Every perfect square is positive.", "such that n is a perfect square: n is greater"),
        ("n^2 + 1 is odd for even n from 0 to 79", "n from 0 to 79 such that n is even"),
        ("For all even numbers n >= -4, n^2 is even.", "n at least -4 such that n is even"),
        ("对所有大于-3的奇数 n，n^2 是奇数。", "n at least -2 such that n is odd"),
        ("For all natural numbers n >= 0, n^2 >= n.", "n at least 0"),
        ("Every number has a divisor.", "integer d from 1 to n"),
        ("n is not odd and not prime for all n", "n is not odd and n is not prime"),
        ("For every k, 6k + 1 or 6k - 1 is prime.", "6 * k + 1 is prime or 6 * k - 1 is prime"),
        ("m - n is odd if m is odd and n is even.", "m is odd and n is even: m - n is odd"),
        ("每个偶数都是两个素数之和或两个合数之和。", "is prime) or (there is an integer k"),
        ("对每个奇素数 p 和 q，p+q 是偶数。", "p is odd and q is odd"),
        ("No square number ends in 2, 3 or 7.", "not true that (n mod 10 equals 2 or n mod 10"),
    ],
)
def test_what_is_shown_back_says_what_was_asked(statement: str, words: str) -> None:
    assert words in spoken(formalise(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "1 + 2 + ... + n - 1 = n(n-1)/2 for all n >= 2",  # does n or n - 1 come last?
        "1 + 2 + ... + 2^n > n for all n",  # of 2^k or of k?
        "1 - 2 + ... + n > 0 for all n",
        "r = n mod 3 for all positive integers n, r",  # the remainder, or a congruence?
        "lg n < n for all n >= 1",
        "For every prime p there is a prime q with p < q.",  # where does q end?
        "n^2 + 1 is prime for some n > 10.",
        "x^2 - y^2 is odd for all x",
        "n is not prime or even for all n",  # neither, or one of them?
        "Two primes are always coprime.",  # may they be equal?
        "Every complete bipartite graph is Hamiltonian.",
        "The product of two consecutive primes is odd.",
        "Every odd perfect graph is bipartite.",
    ],
)
def test_what_may_mean_two_things_is_refused(statement: str) -> None:
    with pytest.raises(NotUnderstood):
        formalise(statement)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("n is not prime or even for all n", "may mean two things"),
        ("Two primes are always coprime.", "whether the two may be equal"),
        ("1 + 2 + ... + n - 1 > 0 for all n", "which term is the last"),
        ("r = n mod 3 for all positive integers n, r", "a congruence or a remainder"),
        ("There is a prime p with p > n for every positive integer n.", "between which numbers p"),
    ],
)
def test_the_refusal_says_what_is_unclear(statement: str, why: str) -> None:
    with pytest.raises(NotUnderstood, match=why):
        formalise(statement)


# A quantifier, an exception or a number left out would turn each of these into another statement.
BEYOND = [
    "There are infinitely many twin primes.",
    "There exists an odd perfect number.",
    "Almost every integer is composite.",
    "Most numbers are deficient.",
    "Not every number is prime.",
    "Every sufficiently large odd number is the sum of three primes.",
    "Every even number greater than 2 is the sum of two distinct primes.",
    "Every even number greater than 2, with finitely many exceptions, is the sum of two primes.",
    "Every even number greater than 2 is the sum of two primes in at least two ways.",
    "Every number is the sum of two squares if it is prime.",
    "n^2 + n + 41 is prime for some integer n.",
    "n^2 + n + 41 is prime for infinitely many n.",
    "x^2 >= x for all x.",
    "a^2 + b^2 >= 2ab.",
    "The Riemann hypothesis is true.",
    "P = NP",
    "Every planar graph is 4-colourable.",
    "Every finite group of odd order is solvable.",
    "Every graph is nice.",
    "import os; os.system('true')",
    "存在无穷多个孪生素数。",
    "存在奇完全数。",
    "几乎所有整数都是合数。",
    "每个充分大的奇数都是三个素数之和。",
    "每个大于2的偶数都是两个不同素数之和。",
    "对某个整数 n，n^2+n+41 是素数。",
    "黎曼猜想成立。",
    "每个平面图都是4可着色的。",
]


@pytest.mark.parametrize(
    ("spaced", "close"),
    [("每个大于 2 的偶数都是两个素数之和。", "每个大于2的偶数都是两个素数之和。"),
     ("对于任意正整数 n ， n^2 + n + 41 是 素数", "对于任意正整数n，n^2+n+41是素数")],
)  # fmt: skip
def test_blanks_for_looks_change_nothing(spaced: str, close: str) -> None:
    assert formalise(spaced).claim == formalise(close).claim


@pytest.mark.parametrize("statement", BEYOND)
def test_what_is_beyond_the_templates_is_refused_in_one_line(statement: str) -> None:
    with pytest.raises(NotUnderstood) as refusal:
        formalise(statement)
    assert "\n" not in str(refusal.value)
    assert refusal.value.exit_code == 2


@pytest.mark.parametrize(
    "statement",
    ["", "   ", "x" * 5000, "every " * 300, "(" * 1000, "If " * 200 + "then", r"\frac{" * 300,
     "每" * 1500, "n^" * 400 + "2 is prime for all n", "\x00\ud800", "𝔫² is prime for all 𝔫"],
)  # fmt: skip
def test_rubbish_is_refused_quickly(statement: str) -> None:
    with pytest.raises(BadInput):
        formalise(statement)


@pytest.mark.parametrize(
    ("statement", "spec"),
    [
        ("每个大于 5 的奇数都是三个素数之和。",
         "for n in 6.. where odd(n): "
         "exists p in 2..n: prime(p) and (exists a in 2..n - p: prime(a) and prime(n - p - a))"),
        ("Every odd number greater than 5 is the sum of three primes.",
         "for n in 6.. where odd(n): "
         "exists p in 2..n: prime(p) and (exists a in 2..n - p: prime(a) and prime(n - p - a))"),
        ("若 p 是大于 3 的质数，则 p 除以 6 余 1 或 5。",
         "for p in 4.. where prime(p): p mod 6 = 1 or p mod 6 = 5"),
    ],
)  # fmt: skip
def test_three_primes_and_several_remainders(statement: str, spec: str) -> None:
    assert same(formalise(statement), from_text(spec))


@pytest.mark.parametrize("many", ["两", "三"])
def test_at_most_so_many_primes_is_not_exactly_so_many(many: str) -> None:
    with pytest.raises(NotUnderstood):
        formalise(f"每个大于 1 的整数都是至多{many}个素数之和。")
