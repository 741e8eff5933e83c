"""The part of a file that its function needs to run, line for line where it stands in the file.

Scripts ask for input, plots open windows, and imports that the function does not use may not be in
the sandbox: all that is left out. Files beside it that it imports come along inside the program.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Set
from pathlib import PurePosixPath

from lemmata.apps.complete import outline
from lemmata.apps.complete.target import Target

PACKAGE = "beside"
"""What relative imports are relative to."""
_NEAR = """\
import importlib.abc as _abc, importlib.util as _util, sys as _sys
class _Near(_abc.MetaPathFinder, _abc.Loader):
    def find_spec(self, name, path=None, target=None):
        package = name == {package!r}
        return _util.spec_from_loader(name, self, is_package=package) if name in _FILES else None
    def exec_module(self, module):
        exec(compile(_FILES[module.__name__], module.__name__ + '.py', 'exec'), module.__dict__)
_FILES = {files!r}
_sys.meta_path.insert(0, _Near())
__package__ = {package!r}
"""


def program(target: Target, text: str) -> str:
    """What is run of the file `text`: all of it where there is no function to call."""
    tree = outline.parse(text)
    function = target.function
    if tree is None:
        return text
    kept = tree.body
    if function is not None and not function.nested:
        kept = needed(tree, {function.name.partition(".")[0]})
    elif function is None and _defines_only(tree):
        kept = [node for node in tree.body if not _is_main(node)]
    return "\n".join(_with_near(_only(text, kept), kept, target.near))


def _defines_only(tree: ast.Module) -> bool:
    return any(isinstance(node, (ast.FunctionDef, ast.ClassDef)) for node in tree.body)


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__main__" in outline.source(node.test)


def needed(tree: ast.Module, names: Set[str]) -> list[ast.stmt]:
    """The statements that bind these names, and what they need in turn."""
    wanted, kept = set(names), set[int]()
    grew = True
    while grew:
        grew = False
        for at, node in enumerate(tree.body):
            if at not in kept and (binds(node) & wanted or _always(node)):
                kept.add(at)
                wanted |= _reads(node)
                grew = True
    return [node for at, node in enumerate(tree.body) if at in kept]


def _always(node: ast.stmt) -> bool:
    """What cannot be told to be needless by its names."""
    if isinstance(node, ast.ImportFrom):
        return node.module == "__future__" or any(alias.name == "*" for alias in node.names)
    return False


def binds(node: ast.stmt) -> set[str]:
    """The names that a statement at the top of a file binds."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    found: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, (ast.Import, ast.ImportFrom)):
            found |= {(a.asname or a.name).partition(".")[0] for a in inner.names}
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            found.add(inner.id)
        elif isinstance(inner, (ast.FunctionDef, ast.ClassDef)):
            found.add(inner.name)
    return found


def _reads(node: ast.stmt) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _only(text: str, kept: list[ast.stmt]) -> list[str]:
    """The lines of these statements, every other one empty."""
    lines = text.split("\n")
    wanted: set[int] = set()
    for node in kept:
        marks = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(mark.lineno for mark in marks)])
        wanted |= set(range(first, (node.end_lineno or first) + 1))
    return [line if at in wanted else "" for at, line in enumerate(lines, 1)]


def _with_near(lines: list[str], kept: list[ast.stmt], near: Mapping[str, str]) -> list[str]:
    """With the files beside it importable; on the line of the first import that is not of the
    future, so that every line keeps its number."""
    imports = [n for n in kept if isinstance(n, (ast.Import, ast.ImportFrom)) and not _always(n)]
    if not near or not imports:
        return lines
    files: dict[str, str] = {PACKAGE: ""}
    for path, text in near.items():
        stem = PurePosixPath(path.replace("\\", "/")).stem
        files |= {stem: text, f"{PACKAGE}.{stem}": text}
    opening = f"exec({_NEAR.format(files=files, package=PACKAGE)!r})"
    at = imports[0].lineno - 1
    lines[at] = f"{opening}; {lines[at]}"
    return lines
