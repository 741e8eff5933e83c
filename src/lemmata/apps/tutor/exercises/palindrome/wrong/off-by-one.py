def is_palindrome(text):
    for i in range(len(text) // 2):
        if text[i] != text[len(text) - i]:
            return False
    return True
