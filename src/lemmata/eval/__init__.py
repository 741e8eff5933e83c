"""Measuring: benchmarks, repeatable runs, honest intervals, reports that can be read anywhere."""
