#include <iostream>
#include <vector>

int main() {
    int n, t;
    std::cin >> n >> t;
    std::vector<int> a(n);
    for (int& x : a) std::cin >> x;
    int count = 0;
    for (int i = 0; i < n; i++) {
        int larger = 0;
        for (int j = 0; j < n; j++) {
            larger += j == i && a[j] > t;
        }
        count += larger;
    }
    std::cout << count << "\n";
}
