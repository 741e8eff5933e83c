def is_palindrome(text):
    for i in range(len(text) // 2):
        if text[i] == text[-1 - i]:
            return False
    return True
