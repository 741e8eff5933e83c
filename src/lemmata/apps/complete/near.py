"""The files beside one that it imports, so that its code can be run with them."""

from __future__ import annotations

import re
from pathlib import Path

from lemmata import whole
from lemmata.errors import BadInput

_IMPORTS = re.compile(
    r"^[ \t]*(?:from[ \t]+\.*(?P<module>[\w.]*)[ \t]+import[ \t]+(?P<names>[\w, \t]+)"
    r"|import[ \t]+(?P<modules>[\w., \t]+))",
    re.MULTILINE,
)
MOST = 8
LARGEST = 100_000
"""Bytes of such a file."""


def beside(path: Path, text: str) -> dict[str, str]:
    """Python files in the same folder that `text` imports, by name; what cannot be read is not
    there."""
    found: dict[str, str] = {}
    for stem in _stems(text):
        file = path.parent / f"{stem}.py"
        if stem == path.stem or len(found) == MOST or not file.is_file():
            continue
        try:
            if file.stat().st_size <= LARGEST:
                found[file.name] = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
    return found


def _stems(text: str) -> list[str]:
    """The last parts of the names of the modules that are imported, in order."""
    modules: list[str] = []
    for match in _IMPORTS.finditer(text):
        if match["modules"]:
            modules += [name.split()[0] for name in match["modules"].split(",") if name.split()]
        else:
            modules.append(match["module"])
            modules += [name.split()[0] for name in match["names"].split(",") if name.split()]
    stems = (name.rpartition(".")[2] for name in modules)
    return [stem for stem in dict.fromkeys(stems) if stem]


def read(path: Path) -> str:
    """The file as it is, line ends and all. Raises BadInput."""
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise BadInput(f"cannot read {path}: {reason}") from None


def write(path: Path, before: str, after: str) -> None:
    """Put `after` in the place of `before`, whole or not at all. Raises BadInput where the file has
    changed meanwhile or cannot be written, DiskFull."""
    if read(path) != before:
        raise BadInput(f"{path} has changed meanwhile", "Complete it anew.")
    try:
        whole.write(path.resolve(), after.encode(), path.stat().st_mode & 0o777)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}") from None
