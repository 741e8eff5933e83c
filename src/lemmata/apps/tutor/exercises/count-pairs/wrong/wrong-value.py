def count_pairs(numbers, target):
    seen = set()
    pairs = 0
    for number in numbers:
        if target - number in seen:
            pairs += 1
        seen.add(number)
    return pairs
