"""YAML of recipes: plain values only, and a key that stands twice is an error, not the last one."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import yaml


class _Once(yaml.SafeLoader):
    """Plain values, each key of a mapping once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark
                )
            if isinstance(key.value, str):
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def read(text: str) -> Any:
    """The value that a text spells. Raises yaml.YAMLError."""
    return yaml.load(text, _Once)  # noqa: S506 - a safe loader
