def reverse_words(words):
    return words[:].reverse()
