"""How sure it is that the answer in the lead stays in the lead.

Votes for the leader and for the answer behind it are seen as draws of a coin with unknown bias p
under a uniform prior, so p follows Beta(a + 1, b + 1), and the confidence is P(p > 1/2). This is
the Beta criterion of adaptive consistency (Aggarwal et al. 2023, arXiv:2305.11860, section 3);
votes may have weights, which count as parts of a draw.
"""

from __future__ import annotations

from math import exp, lgamma, log

_TINY = 1e-300
_TERMS = 300


def confidence(leader: float, second: float) -> float:
    """P(p > 1/2) for p ~ Beta(leader + 1, second + 1); both are summed weights >= 0.

    With four votes to none it is 1 - 2^-5 = 0.969.
    """
    return 1.0 - incomplete_beta(0.5, leader + 1.0, second + 1.0)


def further(leader: float, second: float, wanted: float, most: int, each: float = 1.0) -> int:
    """The least number of further votes, all of weight `each` and all for the leader, that would
    reach the confidence `wanted`; `most` if it takes more."""
    for votes in range(most):
        if confidence(leader + votes * each, second) >= wanted:
            return votes
    return most


def incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), by its continued fraction
    (https://dlmf.nist.gov/8.17.E22), evaluated as Lentz does."""
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - incomplete_beta(1.0 - x, b, a)
    front = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1.0 - x)
    return exp(front) / a / _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    value, c, d = 1.0, 1.0, 0.0
    for n in range(1, _TERMS):
        term = _term(x, a, b, n)
        d = 1.0 / _away_from_0(1.0 + term * d)
        c = _away_from_0(1.0 + term / c)
        value *= c * d
        if abs(c * d - 1.0) < 1e-12:
            break
    return value


def _term(x: float, a: float, b: float, n: int) -> float:
    m, odd = divmod(n, 2)
    if odd:
        return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))


def _away_from_0(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
