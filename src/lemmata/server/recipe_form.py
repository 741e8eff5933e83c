"""The recipe as a form: a JSON schema of its fields, described by their own docstrings."""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import TypeAdapter

from lemmata.train.recipe import Recipe


@cache
def schema() -> dict[str, Any]:
    """JSON Schema of `Recipe`, each property with its default and description."""
    made = TypeAdapter(Recipe).json_schema()
    for name, about in _docstrings(Recipe).items():
        made["properties"][name]["description"] = about
    return made


def _docstrings(kind: type) -> dict[str, str]:
    """The text under each field of a dataclass, which Python itself throws away."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    body = next(node for node in tree.body if isinstance(node, ast.ClassDef)).body
    found = {}
    for field, text in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            found[field.target.id] = " ".join(str(text.value.value).split())
    return found
