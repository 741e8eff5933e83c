"""Exact evaluation: integers without bound, fractions, and reals as shrinking intervals."""
