"""What an English statement can say a number is the sum of."""

from __future__ import annotations

import re

from lemmata.apps.conjecture.formalise import english_words as words
from lemmata.apps.conjecture.formalise import sums
from lemmata.apps.conjecture.formalise.parts import Names
from lemmata.apps.conjecture.language.syntax import Node


def sum_of(subject: Node, text: str, names: Names) -> Node | None:
    """`the sum of two primes`, `at most four squares`, `a prime plus twice a square`; None where
    the text is no such sum."""
    text = re.sub(r"^(?:(?:the|a) sum|sums) of ", "", text)
    match = re.fullmatch(
        r"(?:at most )?(\w+) (?:perfect |integer |non-?negative )?(squares|cubes)", text
    )
    if match and match[1] in words.COUNTS:
        power = 2 if match[2] == "squares" else 3
        return sums.sum_of_powers(subject, words.COUNTS[match[1]], power, names)
    match = re.fullmatch(r"(?:at most )?(\w+) triangular numbers", text)
    if match and match[1] in words.COUNTS:
        return sums.sum_of_triangular(subject, words.COUNTS[match[1]], names)
    if re.fullmatch(r"two (?:\(not necessarily distinct\) )?primes?(?: numbers)?", text):
        return sums.sum_of_two(subject, "prime", "prime", names)
    if re.fullmatch(r"three (?:\(not necessarily distinct\) )?primes?(?: numbers)?", text):
        return sums.sum_of_three_primes(subject, names)
    match = re.fullmatch(r"two (odd primes|composites|composite numbers)(?: numbers)?", text)
    if match:
        kinds = ("odd", "prime") if match[1] == "odd primes" else ("composite",)
        return sums.sum_of_two_alike(subject, kinds, names)
    prime = r"a prime(?: number)? (?:and|plus) "
    if re.fullmatch(rf"{prime}twice a (?:perfect )?square", text):
        return sums.prime_and_twice_square(subject, names)
    if re.fullmatch(rf"{prime}a power of (?:two|2)", text):
        return sums.prime_and_power_of_two(subject, names)
    if re.fullmatch(rf"{prime}a (?:perfect )?square", text):
        return sums.sum_of_two(subject, "prime", "square", names)
    return None
