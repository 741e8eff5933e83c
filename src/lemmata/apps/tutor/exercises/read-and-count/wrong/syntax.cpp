#include <iostream>
#include <vector>

int main() {
    int n, t
    std::cin >> n >> t;
    std::cout << n << "\n";
}
