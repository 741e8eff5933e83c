n, t = map(int, input().split())
numbers = list(map(int, input().split()))
count = 0
for i in range(1, n):
    if numbers[i] > t:
        count += 1
print(count)
