"""What is shown for each way of doing the TODO: the edit, and what running it came to."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lemmata.types import Verdict

IDEA = 400
"""Characters of an idea."""
_CODE = re.compile(r"^[ \t]*```.*?(?:^[ \t]*```|\Z)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines [first, last) of the file, counted from 0, become `text`, which ends with a line end
    unless it is empty."""

    first: int
    last: int
    text: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One behaviour. `text` is the whole file with it; `alike` of the candidates do the same.
    `unrun` says why nothing was run; then no number of passes means anything."""

    text: str
    diff: str
    edits: tuple[Edit, ...]
    idea: str
    verdict: Verdict
    passed: int
    examples: int
    ran: int
    inputs: int
    alike: int
    complexity: str = ""
    """The measured law, as in `n log n`; "" where it could not be measured."""
    measured_by: str = ""
    claimed: str = ""
    """The law that the model claims."""
    first_failure: str = ""
    unrun: str = ""

    @property
    def line(self) -> str:
        """What is known of it, in one line."""
        if self.unrun:
            return f"not run: {self.unrun}"
        tested = f"{self.passed}/{self.examples} examples pass" if self.examples else "no example"
        ran = f"{self.ran}/{self.inputs} generated inputs end well" if self.inputs else ""
        cost = f"O({self.complexity}) measured by {self.measured_by}" if self.complexity else ""
        return "; ".join(part for part in (tested, ran, cost) if part)


def idea_of(derivation: str) -> str:
    """The first words beside the code; what only leads over to it, as "Here is the code:", says
    less than anything else."""
    texts = [part.strip() for part in _CODE.sub("\n\n", derivation).split("\n\n")]
    said = [text for text in texts if text]
    first = next((text for text in said if not text.endswith((":", "：")) or "\n" in text), "")
    first = first or next(iter(said), "")
    return first if len(first) <= IDEA else first[:IDEA].rsplit(" ", 1)[0] + " …"


def edits(before: str, after: str) -> tuple[Edit, ...]:
    """The runs of lines that differ."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    pairs = enumerate(zip(old, new, strict=False))
    same = next((at for at, (a, b) in pairs if a != b), min(len(old), len(new)))
    matcher = difflib.SequenceMatcher(None, old[same:], new[same:])
    return tuple(
        Edit(same + a, same + b, "".join(new[same + c : same + d]))
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag != "equal"
    )


def diff(path: str, before: str, after: str) -> str:
    """A unified diff, as `patch -p1` takes it."""
    old, new, path = _lines(before), _lines(after), path.lstrip("/")
    return "".join(difflib.unified_diff(old, new, f"a/{path}", f"b/{path}"))


def _lines(text: str) -> Sequence[str]:
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n\\ No newline at end of file\n"
    return lines
