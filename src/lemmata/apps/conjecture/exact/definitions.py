"""What every function means, by its definition, in plain Python: by name, in one table.

This is the judge of every hit, so it shares nothing with the kernels that found it. The text of
these functions is also copied into the standalone checkers: they use the standard library alone,
call only each other, and refuse (`OutOfReach`) what would take more than some seconds.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from lemmata.apps.conjecture.exact import divisors, graph_definitions, powers, sequences

DEFINED: Mapping[str, Callable[..., Any]] = {
    name: function
    for home in (divisors, powers, sequences, graph_definitions)
    for name, function in vars(home).items()
    if inspect.isfunction(function) and function.__module__ == home.__name__
}
"""Also those that the functions of the language are made of."""
