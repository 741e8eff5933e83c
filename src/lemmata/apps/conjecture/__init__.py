"""Search for a counterexample and say exactly what is known."""
