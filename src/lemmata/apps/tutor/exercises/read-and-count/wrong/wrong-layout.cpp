#include <iostream>
#include <vector>

int main() {
    int n, t;
    std::cin >> n >> t;
    int count = 0;
    while (n--) {
        int x;
        std::cin >> x;
        count += x > t;
    }
    std::cout << "There are " << count << "\n";
}
