def reverse_words(words):
    result = []
    for i in range(len(words) - 1, 0, -1):
        result.append(words[i])
    return result
