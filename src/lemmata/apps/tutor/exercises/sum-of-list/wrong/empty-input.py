def total(numbers):
    result = numbers[0]
    for number in numbers[1:]:
        result += number
    return result
