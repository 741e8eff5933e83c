n, t = map(int, input('n and t: ').split())
numbers = list(map(int, input().split()))
print('Larger:', sum(x > t for x in numbers))
