"""Every mathematical family of reasoning-gym: its gold passes ours, another item's does not."""

from __future__ import annotations

import warnings
from itertools import pairwise

import pytest
import reasoning_gym

from lemmata.verify import verify_math

FAMILIES = [
    "complex_arithmetic", "intermediate_integration", "polynomial_equations",
    "polynomial_multiplication", "simple_equations", "simple_integration", "count_primes",
    "base_conversion", "basic_arithmetic", "bitwise_arithmetic", "chain_sum", "count_bits",
    "decimal_arithmetic", "decimal_chain_sum", "dice", "fraction_simplification", "gcd",
    "gsm_symbolic", "lcm", "leg_counting", "number_format", "power_function",
    "prime_factorization", "products", "number_sequence", "rectangle_count", "countdown",
    "puzzle24", "advanced_geometry", "simple_geometry", "coin_flip", "calendar_arithmetic",
    "time_intervals", "letter_counting", "largest_island",
]  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_the_gold_passes_and_another_does_not(family: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        items = list(reasoning_gym.create_dataset(family, size=6, seed=1))
    golds = [str(item["answer"]) for item in items]
    for item, gold in zip(items, golds, strict=True):
        assert verify_math(f"The answer is \\boxed{{{gold}}}.", gold).state == "correct"
        dataset_scorer = reasoning_gym.create_dataset(family, size=1, seed=1).score_answer
        assert dataset_scorer(gold, item) == 1.0
    for one, other in pairwise(golds):
        if one != other and family not in ("countdown", "puzzle24"):
            assert verify_math(one, other).state != "correct", (one, other)
