"""Does a hint give the solution away? Also when its names are changed or it is written as prose."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

SHARED = 10
"""Characters of code, names all alike, that a hint may have in common with the reference and
not with the submission. `V=(V+V)//2` has 10."""
SIGNS = 3
"""Signs between names: prose becomes a row of Vs with one or two brackets."""
_FENCE = re.compile(r"```.*?```", re.DOTALL)


def leaks(hint: str, reference: str, submission: str = "", statement: str = "") -> str:
    """The piece of the reference that a hint contains; empty where it contains none.

    Programs are compared after every name became `V` and every text `S`, so renaming hides nothing.
    A block of code that the student did not write is a leak whatever it says.
    """
    for fence in _FENCE.findall(hint):
        code = fence.strip("`").removeprefix("python")
        if _plain(code) not in _plain(submission):
            return str(code.strip())
    wanted = normalised(_definition_body(reference))
    known = normalised(submission) + "\n" + normalised(statement)
    matcher = SequenceMatcher(None, wanted, normalised(hint), autojunk=False)
    for block in matcher.get_matching_blocks():
        piece = wanted[block.a : block.a + block.size].strip()
        if len(piece) >= SHARED and _is_code(piece) and piece not in known:
            return piece
    return ""


def normalised(code: str) -> str:
    """Code without blanks and comments, names as V, functions as F, texts as S."""
    from copydetect.utils import filter_code

    filtered: str = filter_code(code, "code.py", language="python")[0]
    return filtered


def _is_code(piece: str) -> bool:
    return len(re.findall(r"[-+*/%<>=\[\]():]", piece)) >= SIGNS


def _definition_body(reference: str) -> str:
    """The reference without the line that the statement gives away: its `def`."""
    return "\n".join(line for line in reference.splitlines() if not line.startswith("def "))


def _plain(code: str) -> str:
    return re.sub(r"\s+", "", code)
