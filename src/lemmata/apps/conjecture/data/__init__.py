"""The statements that ship: for the tests, the benchmark and the guide."""
