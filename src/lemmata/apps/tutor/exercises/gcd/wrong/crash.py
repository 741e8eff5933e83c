def gcd(a, b):
    while a % b:
        a, b = b, a % b
    return b
