def unique(numbers):
    return list(dict.fromkeys(numbers))
