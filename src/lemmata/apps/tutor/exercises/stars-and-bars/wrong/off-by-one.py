from math import comb


def solutions(k, n):
    return comb(n + k, k - 1)
