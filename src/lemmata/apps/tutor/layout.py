"""How a program's input is written down: a line of names for each line, or lines, of text.

    layout = ["#numbers target", "numbers"]     →   3 10
                                                    1 2 7

`name` is the value, items of a list with a blank between them; `#name` how many items there are;
`name/` gives each item a line of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def written(layout: Sequence[str], values: Mapping[str, Any]) -> str:
    """The text for these values, which ends with a line break."""
    return "".join(" ".join(_word(word, values) for word in line.split()) + "\n" for line in layout)


def refuse_unknown(layout: Sequence[str], names: Sequence[str]) -> None:
    """Raises ValueError where a word stands for no input, or an input is never written."""
    used = {word.removeprefix("#").removesuffix("/") for line in layout for word in line.split()}
    if not layout or used - set(names):
        unknown = sorted(used - set(names))
        raise ValueError(f"layout names {unknown[0]}, no input" if unknown else "layout is empty")
    if set(names) - used:
        raise ValueError(f"layout never writes {sorted(set(names) - used)[0]}")


def _word(word: str, values: Mapping[str, Any]) -> str:
    value = values[word.removeprefix("#").removesuffix("/")]
    if word.startswith("#"):
        return str(len(value))
    if isinstance(value, list):
        return ("\n" if word.endswith("/") else " ").join(map(str, value))
    return str(value)
