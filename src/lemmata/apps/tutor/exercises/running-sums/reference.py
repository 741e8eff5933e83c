def running(numbers):
    sums, so_far = [], 0
    for number in numbers:
        so_far += number
        sums.append(so_far)
    return sums
