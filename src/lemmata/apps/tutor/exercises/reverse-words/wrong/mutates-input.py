def reverse_words(words):
    words.reverse()
    return words
