"""Coverage-guided fuzzing of the answer reader and the step reader with atheris.

    pip install atheris
    python tests/fuzz/fuzz_verify.py answer -max_total_time=60
    python tests/fuzz/fuzz_verify.py steps -max_total_time=60

An exception, more than ten seconds (-timeout) or more than 2 GiB (-rss_limit_mb) for one input ends
the run. The algebra system is left out: it has a process, a clock and a memory limit of its own.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["lemmata.verify"]):
    from lemmata.types import Verdict
    from lemmata.verify import answer, math, scalar, steps

_PIECES = r"""
0 1 2 12 66 3.5 .5 x y n e i \pi + - * / ^ ^{ { } ( ) [ ] , ; = < > \le \frac \sqrt \binom ! % ° |
\{ \} \cup \in \infty \pm or and cm 1/2 ² √ ， （ ） 二 分之 亿 答案： \boxed{ $ $$ \[ \]
\text{ \\ & \log
_ ' : ... \sin \mathbb{R} \pmod mod yes A) << >> #### is times divided by 除以 等于 \begin{pmatrix}
\end{pmatrix} \begin{align} \end{align} let if 0x1f 1,234 10^{ \lfloor \rfloor \equiv divisible
"""
PIECES = [*_PIECES.split(), " ", "\n", ". "]


def text_of(data: bytes) -> str:
    """Half of the inputs are strings of the grammar's own pieces, half are any Unicode."""
    source = atheris.FuzzedDataProvider(data)
    if source.ConsumeBool():
        return "".join(PIECES[byte % len(PIECES)] for byte in data[1:400])
    return source.ConsumeUnicode(2000)


def fuzz_answer(data: bytes) -> None:
    text = text_of(data)
    answer.extract(text)
    half = len(text) // 2
    left, right = text[:half], text[half:]
    assert math.verify_math(left, right).state == math.verify_math(right, left).state
    if left.strip():
        assert math.verify_math(left, left).state == "correct"


def fuzz_steps(data: bytes) -> None:
    text = text_of(data)
    report = steps.verify_steps(text)
    assert 0 <= report.coverage <= 1


def main() -> None:
    scalar.by_algebra_system = lambda task: Verdict("undecided", "left out")
    target = {"answer": fuzz_answer, "steps": fuzz_steps}[sys.argv.pop(1)]
    atheris.Setup([sys.argv[0], "-timeout=10", "-rss_limit_mb=2048", *sys.argv[1:]], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
