n, t = map(int, input().split())
numbers = list(map(int, input().split()))
largest = max(numbers)
print(sum(x > t for x in numbers))
