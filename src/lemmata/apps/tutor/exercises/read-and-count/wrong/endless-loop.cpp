#include <iostream>
#include <vector>

int main() {
    int n, t;
    std::cin >> n >> t;
    int count = 0, i = 0;
    while (i < n) {
        int x;
        std::cin >> x;
        if (x > t) {
            count++;
            i++;
        }
    }
    std::cout << count << "\n";
}
