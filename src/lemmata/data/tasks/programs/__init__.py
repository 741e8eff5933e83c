"""Dynamic programming: problems with a reference program that really runs, and tests by brute force.

The shape is that of every family (`lemmata.data.tasks.family`); the answer of an item is the list of
outputs that its tests expect, and `check` makes them again by exhaustive search.
"""
