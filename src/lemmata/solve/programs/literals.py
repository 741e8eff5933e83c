"""Literals and calls of literals in prose: where they end, what they are. Nothing is evaluated."""

from __future__ import annotations

import ast
import re
from typing import Any

LONGEST = 600
"""Characters of one literal."""
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_PLAIN = re.compile(
    r"[+-]?\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w(])|(?:True|False|None|true|false|null)\b"
)
_WORDS = {"true": "True", "false": "False", "null": "None"}
_NAMED = re.compile(
    r"\bdef\s+(?P<defined>[A-Za-z_]\w*)\s*\("
    r"|(?:\b(?:functions?|methods?)\b|函数|方法)(?:[ \t]*(?:called|named|名为|叫做?|是))?"
    r"[ \t]*[:：]?[ \t]*`?(?P<named>[A-Za-z_]\w*)(?=`?[(（]|`)"
    r"|\b(?:implement|complete)\s+`?(?P<implemented>[A-Za-z_]\w*)(?=`?[ \t]*\()"
    r"|(?:实现|编写|名为|叫做?)\s*`?(?P<written>[A-Za-z_]\w*)(?=`?[ \t]*[(（])",
    re.IGNORECASE,
)
_METHOD = re.compile(
    r"\bclass\s+(?P<name>[A-Za-z_]\w*)[^\n]*:\s*\n[ \t]+def\s+(?P<method>\w+)\(self"
)


def named(text: str) -> tuple[str, ...]:
    """The functions that a statement asks for, each once; `Class.method` for a method."""
    method = _METHOD.search(text)
    if method and not method["method"].startswith("__"):
        return (f"{method['name']}.{method['method']}",)
    found = (next(filter(None, match.groups())) for match in _NAMED.finditer(text))
    return tuple(dict.fromkeys(found))


def at_start(text: str, start: int) -> int:
    """Where the literal or the argument list that begins at `start` ends; 0 where none does."""
    plain = _PLAIN.match(text, start)
    if plain:
        return plain.end()
    if text[start : start + 1] not in {*_CLOSING, "'", '"'}:
        return 0
    waiting: list[str] = []
    at, end = start, min(len(text), start + LONGEST)
    while at < end:
        char = text[at]
        if char in "'\"":
            at = text.find(char, at + 1, end)
            if at < 0:
                return 0
        elif char in _CLOSING:
            waiting.append(_CLOSING[char])
        elif char in ")]}" and (not waiting or waiting.pop() != char):
            return 0
        at += 1
        if not waiting:
            return at
    return 0


def literal(text: str) -> Any:
    """The value of a literal; `true`, `false`, `null` too. Raises ValueError, SyntaxError."""
    bare = text.strip().strip("`").strip()
    return ast.literal_eval(_WORDS.get(bare, re.sub(r"\b(?:true|false|null)\b", _python, bare)))


def _python(word: re.Match[str]) -> str:
    return _WORDS[word[0]]


def call(text: str) -> tuple[str, tuple[Any, ...]] | None:
    """Name and arguments of a call of literals."""
    try:
        node = ast.parse(text.strip(), mode="eval").body
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.keywords:
            return None
        return node.func.id, tuple(ast.literal_eval(argument) for argument in node.args)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
