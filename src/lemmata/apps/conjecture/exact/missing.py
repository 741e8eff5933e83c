"""Why a function may have no value at a point."""

from __future__ import annotations


class OutOfReach(Exception):
    """The value exists but is too costly to find."""


class Undefined(Exception):
    """There is no such value: a division by zero, the prime number -3."""
