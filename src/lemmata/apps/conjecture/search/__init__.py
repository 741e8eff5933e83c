"""The portfolio: several ways to look for a counterexample under one budget."""
