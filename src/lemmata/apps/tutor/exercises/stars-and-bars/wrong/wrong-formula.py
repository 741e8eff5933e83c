from math import comb


def solutions(k, n):
    return comb(n * k - 1, k - 1)
