def total(numbers):
    result = 0
    i = 0
    while i < len(numbers):
        result += numbers[i]
    return result
