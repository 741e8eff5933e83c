n, target = map(int, input().split())
print(sum(number > target for number in map(int, input().split())))
