"""Vectors of points at once, in int64 that is proved not to overflow and outward-rounded floats."""
