def running(numbers):
    sums = numbers
    for i in range(1, len(sums)):
        sums[i] += sums[i - 1]
    return sums
