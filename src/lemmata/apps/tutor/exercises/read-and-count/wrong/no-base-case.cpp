#include <iostream>
#include <vector>

int count(const std::vector<int>& a, int i, int t) {
    int rest = count(a, i + 1, t);
    return rest + (i < (int)a.size() && a[i] > t);
}

int main() {
    int n, t;
    std::cin >> n >> t;
    std::vector<int> a(n);
    for (int& x : a) std::cin >> x;
    std::cout << count(a, 0, t) << "\n";
}
