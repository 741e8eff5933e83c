def largest(numbers):
    best = None
    for number in numbers:
        if best is None or number > best:
            best = number
    return best
