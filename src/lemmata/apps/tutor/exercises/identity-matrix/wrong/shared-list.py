def identity(n):
    rows = [[0] * n] * n
    for i in range(n):
        rows[i][i] = 1
    return rows
