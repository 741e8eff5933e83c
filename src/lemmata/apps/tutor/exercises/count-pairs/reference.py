def count_pairs(numbers, target):
    seen = {}
    pairs = 0
    for number in numbers:
        pairs += seen.get(target - number, 0)
        seen[number] = seen.get(number, 0) + 1
    return pairs
