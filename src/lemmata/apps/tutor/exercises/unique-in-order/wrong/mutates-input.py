def unique(numbers):
    seen = set()
    for number in list(numbers):
        if number in seen:
            numbers.reverse()
            numbers.remove(number)
            numbers.reverse()
        seen.add(number)
    return list(numbers)
