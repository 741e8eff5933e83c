def count():
    n, t = map(int, input().split())
    return sum(int(x) > t for x in input().split())


count()
