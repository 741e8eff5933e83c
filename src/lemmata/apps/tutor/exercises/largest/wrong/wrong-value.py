def largest(numbers):
    if not numbers:
        return None
    best = 0
    for number in numbers:
        if number > best:
            best = number
    return best
