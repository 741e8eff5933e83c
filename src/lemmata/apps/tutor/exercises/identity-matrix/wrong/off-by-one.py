def identity(n):
    rows = [[0] * n for _ in range(n)]
    for i in range(1, n):
        rows[i][i] = 1
    return rows
