"""What the model is shown of the file and asked of the TODO. It writes no ghost text between two
halves: it is given a problem and answers with a function or a piece of code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from lemmata.apps.complete import outline
from lemmata.apps.complete.target import Target
from lemmata.prompts.language import detect

MOST = 6000
"""Characters of context, beside the function itself."""
WINDOW = 60
"""Lines shown above and below a TODO of a language that is not parsed here."""
LARGE = 25
"""Lines from which a definition elsewhere is shown by its head only."""
_ELIDED = "# …"
_WORDS = {
    "en": {
        "file": "A TODO in a {language} file is to be done. The file {path}:",
        "near": "From {path} beside it:",
        "todo": "The TODO, line {line}: {words}",
        "whole": "First say the idea in one sentence, with the time complexity as O(…). Then write "
        "the whole function `{name}`, its signature unchanged, in one ```{fence} block.",
        "part": "First say the idea in one sentence, with the time complexity as O(…). Then write "
        "the code that takes the place of the TODO, and only that, in one ```{fence} block.",
    },
    "zh": {
        "file": "请完成一个 {language} 文件中的待办。文件 {path}：",
        "near": "它旁边的 {path} 中：",
        "todo": "待办（第 {line} 行）：{words}",
        "whole": "先用一句话说明思路，并以 O(…) 写出时间复杂度；然后在一个 ```{fence} "
        "代码块中写出完整的函数 `{name}`，签名不变。",
        "part": "先用一句话说明思路，并以 O(…) 写出时间复杂度；然后在一个 ```{fence} "
        "代码块中只写出替换该待办的代码。",
    },
}  # fmt: skip


def prompt(target: Target) -> str:
    """The problem, in the language of the comment."""
    words = _WORDS[detect(target.todo.words)]
    fence = target.language.name
    shown = "\n".join(_python(target) if target.is_python else _window(target))
    parts = [
        words["file"].format(language=fence or "text", path=target.path).replace("  ", " "),
        f"```{fence}\n{shown}\n```",
    ]
    for path, text in _near(target):
        parts.append(f"{words['near'].format(path=path)}\n```{fence}\n{text}\n```")
    line = target.todo.first + 1
    parts.append(words["todo"].format(line=line, words=target.todo.words))
    asked = "whole" if target.function else "part"
    name = target.function.plain if target.function else ""
    parts.append(words[asked].format(name=name, fence=fence))
    return "\n\n".join(parts)


def _window(target: Target) -> list[str]:
    todo = target.todo
    lines = list(target.lines[max(0, todo.first - WINDOW) : todo.last + WINDOW])
    while len(lines) > 1 and sum(map(len, lines)) > MOST:
        above = min(WINDOW, todo.first)
        lines.pop(0 if len(lines) > above else -1)
    return lines


def _python(target: Target) -> Iterator[str]:
    """The file without the bodies that do not matter here."""
    kept = _kept(target)
    skipped = False
    for at, line in enumerate(target.lines):
        if at in kept:
            yield line
        elif not skipped and line.strip():
            yield _ELIDED
        skipped = at not in kept and (skipped or bool(line.strip()))


def _kept(target: Target) -> set[int]:
    tree = outline.parse(outline.standing_in(target.lines, target.todo))
    assert tree is not None
    todo, function = target.todo, target.function
    first, last = (function.first, function.last) if function else (todo.first, todo.last)
    kept = set(range(first, max(last, todo.last)))
    own = "\n".join(target.lines[first:last]) + todo.words
    room = MOST
    for node in _by_nearness(tree, first):
        span = _shown(node, own)
        size = sum(len(target.lines[at]) + 1 for at in span if at < len(target.lines))
        if size <= room:
            room -= size
            kept |= set(span)
    return kept


def _by_nearness(tree: ast.Module, line: int) -> list[ast.stmt]:
    """Imports first, then what stands nearest, methods of a class each by itself."""
    nodes: list[ast.stmt] = []
    for node in tree.body:
        nodes.append(node)
        if isinstance(node, ast.ClassDef):
            nodes += node.body
    imports = (ast.Import, ast.ImportFrom)
    return sorted(nodes, key=lambda n: (not isinstance(n, imports), abs(n.lineno - line)))


def _shown(node: ast.stmt, own: str) -> range:
    """All of it where the TODO's function names it and it is short; else its head."""
    first, last = node.lineno - 1, node.end_lineno or node.lineno
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return range(first, min(last, first + LARGE))
    named = re.search(rf"\b{re.escape(node.name)}\b", own) is not None
    if named and last - first <= LARGE and not isinstance(node, ast.ClassDef):
        return range(first, last)
    return range(first, head(node))


def head(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """The line after a definition's head and the first line of its docstring."""
    begins = node.body[0]
    is_text = isinstance(begins, ast.Expr) and isinstance(begins.value, ast.Constant)
    one_line = is_text and begins.lineno == begins.end_lineno
    return begins.lineno if one_line else max(begins.lineno - 1, node.lineno)


def _near(target: Target) -> Iterator[tuple[str, str]]:
    """Of the files beside it the heads of what is defined there, as far as they fit."""
    room = MOST // 2
    for path, text in target.near.items():
        tree = outline.parse(text) if target.is_python else None
        if tree is None:
            shown = text[:room]
        else:
            lines = text.split("\n")
            defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            heads = [lines[n.lineno - 1 : head(n)] for n in tree.body if isinstance(n, defined)]
            shown = "\n".join("\n".join(lines) for lines in heads)
        if shown and len(shown) <= room:
            room -= len(shown)
            yield path, shown
