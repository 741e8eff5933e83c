def is_palindrome(text):
    if not text:
        return True
    return text[0] == text[-1]
