def running(numbers):
    if not numbers:
        return []
    before = running(numbers[:-1])
    return before + [(before[-1] if before else 0) + numbers[-1]]
