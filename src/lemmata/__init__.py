"""Lemmata: tune a small reasoner without breaking it, serve it, and check what it says."""

__version__ = "0.1.0"
