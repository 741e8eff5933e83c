"""What must hold for any answers: reflexive, symmetric, never a crash, never a hang."""

from __future__ import annotations

import time
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lemmata.verify import verify_math, verify_steps
from lemmata.verify.structure import read

CALM = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])

_PIECES = r"""
    0 1 2 12 66 3.5 .5 x y n e i \pi + - * / ^ ^{ { } ( ) [ ] , ; = < > \le \frac \sqrt \binom
    ! % ° | \{ \} \cup \in \infty \pm or and cm 1/2 ² √ ， （ ） 二
    分之 亿 答案： \boxed{ $ \text{ \\ & \log _ ' : ... \sin \mathbb{R} \pmod yes A) - 0x1f
    \begin{pmatrix} \end{pmatrix}
"""
PIECES = st.sampled_from(_PIECES.split())
SCRAPS = st.lists(PIECES, max_size=14).map("".join)
ANY = st.one_of(SCRAPS, st.text(max_size=40))


@CALM
@given(SCRAPS)
def test_a_text_equals_itself(text: str) -> None:
    if text.strip():
        assert verify_math(text, text).state == "correct"


@CALM
@given(ANY, ANY)
def test_the_verdict_is_symmetric(left: str, right: str) -> None:
    start = time.monotonic()
    assert verify_math(left, right).state == verify_math(right, left).state
    assert time.monotonic() - start < 60


@CALM
@given(st.text(max_size=200))
def test_reading_never_fails(text: str) -> None:
    assert read(text).head


@CALM
@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=60).map(" ".join)))
def test_steps_never_fail(text: str) -> None:
    report = verify_steps(text)
    assert 0 <= report.coverage <= 1
    assert all(step.text and text[step.start : step.end] for step in report.steps)


COEFFICIENTS = st.lists(st.integers(-9, 9), min_size=1, max_size=4)
RATIONALS = st.fractions(min_value=-1000, max_value=1000, max_denominator=60)


def spellings(value: Fraction) -> st.SearchStrategy[str]:
    p, q = value.numerator, value.denominator
    return st.one_of(
        st.just(f"{p}/{q}"),
        st.just(f"\\frac{{{p}}}{{{q}}}"),
        st.integers(2, 9).map(lambda k: f"\\dfrac{{{p * k}}}{{{q * k}}}"),
        st.integers(-9, 9).map(
            lambda k: f"{p}/{q} + {k} - {k}" if k >= 0 else f"({p}/{q}) - {-k} + {-k}"
        ),
        st.integers(2, 5).map(lambda k: f"{k}\\left(\\frac{{{p}}}{{{q * k}}}\\right)"),
        st.just(f"\\boxed{{x = {p}/{q}}}"),
        st.just(f"-\\frac{{{-p}}}{{{q}}}"),
    )


@CALM
@given(st.data(), RATIONALS, RATIONALS)
def test_rationals_are_equal_exactly_when_they_are(
    data: st.DataObject, one: Fraction, other: Fraction
) -> None:
    expected = "correct" if one == other else "incorrect"
    left, right = data.draw(spellings(one)), data.draw(spellings(other))
    assert verify_math(left, right).state == expected
    again = data.draw(spellings(one))
    assert verify_math(left, again).state == "correct"


@CALM
@given(st.integers(1, 400), st.integers(1, 400), st.integers(1, 30))
def test_surds_are_equal_exactly_when_their_squares_are(a: int, b: int, k: int) -> None:
    verdict = verify_math(f"{k}\\sqrt{{{a}}}", f"\\sqrt{{{b}}}")
    assert verdict.state == ("correct" if k * k * a == b else "incorrect")
    assert verify_math(f"{k}\\sqrt{{{a}}}", f"\\sqrt{{{k * k * a}}}").state == "correct"


@CALM
@given(
    st.lists(st.integers(-9, 9), min_size=1, max_size=4),
    st.lists(st.integers(-9, 9), min_size=1, max_size=4),
)
def test_polynomials_multiply_out(p: list[int], q: list[int]) -> None:
    product = [0] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            product[i + j] += a * b

    def text(coefficients: list[int]) -> str:
        return " + ".join(f"({c})x^{{{i}}}" for i, c in enumerate(coefficients))

    factored = f"({text(p)})({text(q)})"
    assert verify_math(factored, text(product)).state == "correct"
    product[0] += 1
    assert verify_math(factored, text(product)).state == "incorrect"
