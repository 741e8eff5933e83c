def identity(n):
    return [[int(row == column) for column in range(n)] for row in range(n)]
