def identity(n):
    for 行 in range(n):  # 逐行打印
        print([int(行 == 列) for 列 in range(n)])
