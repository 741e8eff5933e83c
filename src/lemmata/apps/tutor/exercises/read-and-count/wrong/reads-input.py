n = int(input())
t = int(input())
print(sum(int(input()) > t for _ in range(n)))
