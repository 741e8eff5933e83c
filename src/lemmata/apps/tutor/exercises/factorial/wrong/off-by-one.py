def factorial(n):
    result = 1
    for factor in range(1, n):
        result *= factor
    return result
