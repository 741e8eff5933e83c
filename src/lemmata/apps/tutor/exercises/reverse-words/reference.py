def reverse_words(words):
    return words[::-1]
