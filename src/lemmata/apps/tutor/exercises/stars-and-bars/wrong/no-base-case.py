def solutions(k, n):
    return sum(solutions(k - 1, n - first) for first in range(n + 1))
