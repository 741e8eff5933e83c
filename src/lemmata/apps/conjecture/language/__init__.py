"""The small typed language in which a conjecture is written: no Python, no loops without bounds."""
