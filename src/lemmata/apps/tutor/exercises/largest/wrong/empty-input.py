def largest(numbers):
    best = numbers[0]
    for number in numbers:
        if number > best:
            best = number
    return best
