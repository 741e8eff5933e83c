"""The remainder of a large power, by repeated squaring; the last digits of a power."""

from __future__ import annotations

from random import Random

from lemmata.data.tasks import wording
from lemmata.data.tasks.family import Item, Params
from lemmata.prompts.language import Language

NAME = "modular-power"
TITLE = "Remainders and last digits of powers"
TASK = "math"

_PROBLEMS = {
    "en": (
        "What is the remainder when {a}^{e} is divided by {m}?",
        "Find the remainder of {a}^{e} modulo {m}.",
        "A sequence starts at 1 and each term is {a} times the one before it. What remainder does "
        "term number {e}, counted from term 0, leave on division by {m}?",
        "Compute {a}^{e} mod {m}.",
    ),
    "zh": (
        "{a}^{e} 除以 {m} 的余数是多少？",
        "求 {a}^{e} 模 {m} 的值。",
        "某数列首项（第 0 项）为 1，以后每一项是前一项的 {a} 倍。第 {e} 项除以 {m} 的余数是多少？",
        "计算 {a}^{e} mod {m}。",
    ),
}
_LAST_DIGITS = {
    ("en", 10): ("What is the last digit of {a}^{e}?", "Find the units digit of {a}^{e}."),
    ("en", 100): (
        "What number do the last two digits of {a}^{e} form?",
        "Find the remainder of {a}^{e} on division by 100, that is, its last two digits as a number.",
    ),
    ("zh", 10): ("{a}^{e} 的个位数字是多少？", "求 {a}^{e} 的末位数字。"),
    ("zh", 100): (
        "{a}^{e} 的末两位数字组成的数是多少？",
        "求 {a}^{e} 除以 100 的余数，即它的末两位数。",
    ),
}
_UNDERSTAND = {
    "en": ("Only the remainder modulo {m} matters, so every product may be reduced.",
           "We need {a}^{e} modulo {m} and never the power itself."),
    "zh": ("只需要模 {m} 的余数，所以每次乘法后都可以取余。",
           "要求的是 {a}^{e} 模 {m}，不必算出这个幂本身。"),
}  # fmt: skip
_MODEL = {
    "en": ("Write the exponent as a sum of powers of two: {e} = {bits}. Square repeatedly.",
           "Since {e} = {bits}, the power is a product of repeated squares."),
    "zh": ("把指数写成 2 的幂之和：{e} = {bits}，然后反复平方。",
           "因为 {e} = {bits}，所以这个幂是若干次平方结果的乘积。"),
}  # fmt: skip


def item(rng: Random, language: Language) -> Item:
    """Base 2 to 60, exponent 5 to 2,000, modulus 5 to 150; often 10 or 100."""
    base, exponent = rng.randint(2, 60), rng.randint(5, 2000)
    modulus = rng.choice((10, 100, rng.randint(5, 150), rng.randint(5, 150), rng.randint(5, 150)))
    problems: tuple[str, ...] = _PROBLEMS[language]
    if modulus in (10, 100):
        problems = (*problems, *_LAST_DIGITS[language, modulus])
    bits = [1 << bit for bit in range(exponent.bit_length()) if exponent >> bit & 1]
    words = {"a": base, "e": exponent, "m": modulus, "bits": " + ".join(map(str, bits))}
    steps, answer = _derive(base, bits, modulus)
    return wording.worded(
        rng,
        language,
        (problems, _UNDERSTAND[language], _MODEL[language]),
        words,
        steps,
        _verify(language, base, exponent, modulus),
        str(answer),
        {"base": base, "exponent": exponent, "modulus": modulus},
    )


def _derive(base: int, bits: list[int], modulus: int) -> tuple[str, int]:
    """The squares up to the highest bit, then the product of those that are needed."""
    lines = [f"{base}^1 ≡ {base % modulus} (mod {modulus})"]
    squares = {1: base % modulus}
    power = 1
    while power < bits[-1]:
        root, power = squares[power], 2 * power
        squares[power] = root * root % modulus
        lines.append(
            f"{base}^{power} ≡ {root}^2 = {root * root} ≡ {squares[power]} (mod {modulus})"
        )
    value = squares[bits[0]]
    for bit in bits[1:]:
        product = value * squares[bit]
        lines.append(f"{value} * {squares[bit]} = {product} ≡ {product % modulus} (mod {modulus})")
        value = product % modulus
    return "\n".join(lines), value


def _verify(language: Language, base: int, exponent: int, modulus: int) -> str:
    """The remainders repeat: find where in their cycle the exponent falls."""
    seen: dict[int, int] = {}
    value, at = 1 % modulus, 0
    while value not in seen:
        seen[value] = at
        value, at = value * base % modulus, at + 1
    start, period = seen[value], at - seen[value]
    same = exponent if exponent < start else start + (exponent - start) % period
    result = pow(base, same, modulus)
    if language == "en":
        return (
            f"From exponent {start} on the remainders repeat with period {period}, so {base}^"
            f"{exponent} agrees with {base}^{same}, which leaves {result}."
        )
    return (
        f"从指数 {start} 起余数以 {period} 为周期循环，{base}^{exponent} 与 {base}^{same} 同余，"
        f"余数为 {result}。"
    )


def check(params: Params) -> str:
    """Multiply one factor after the other."""
    value = 1
    for _ in range(params["exponent"]):
        value = value * params["base"] % params["modulus"]
    return str(value)
