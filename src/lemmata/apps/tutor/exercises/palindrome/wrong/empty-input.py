def is_palindrome(text):
    if text[0] != text[-1]:
        return False
    for i in range(len(text) // 2):
        if text[i] != text[-1 - i]:
            return False
    return True
