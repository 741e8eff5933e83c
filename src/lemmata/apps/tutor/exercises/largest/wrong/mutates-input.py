def largest(numbers):
    if not numbers:
        return None
    numbers.sort()
    return numbers[-1]
