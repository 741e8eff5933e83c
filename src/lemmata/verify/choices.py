"""Multiple choice: one letter, or several with and without commas."""

from __future__ import annotations

from lemmata.types import Verdict
from lemmata.verify.expression import Node
from lemmata.verify.verdicts import CORRECT, Compare, incorrect, undecided


def single(left: Node, right: Node, compare: Compare) -> Verdict | None:
    """A letter against a letter decides; against a value, the text behind the letter does."""
    if left.head == right.head == "choice":
        return CORRECT if left.value == right.value else incorrect("different choices")
    if "choice" not in (left.head, right.head):
        return None
    choice, other = (left, right) if left.head == "choice" else (right, left)
    if other.head == "sym" and len(other.value) == 1:
        same = other.value.upper() == choice.value
        return CORRECT if same else incorrect("different choices")
    if choice.args:
        return compare(choice.args[0], other)
    return undecided("a choice against a value")


def several(left: Node, right: Node) -> Verdict | None:
    """Several choices, with and without commas: ABD, A, B and D."""
    a, b = _chosen(left), _chosen(right)
    if not a or not b or max(len(a), len(b)) < 2 or left.head == right.head == "mul":
        return None
    return CORRECT if a == b else incorrect("different choices")


def _chosen(node: Node) -> str:
    """The letters of choices in order; empty for anything else."""
    parts = node.args if node.head in ("and", "or", "set", "tuple", "mul") else (node,)
    letters = [part.value for part in parts if part.head in ("choice", "sym") and not part.args]
    if len(letters) != len(parts) or not all(len(x) == 1 and "A" <= x <= "H" for x in letters):
        return ""
    ordered = letters == sorted(set(letters))
    return "".join(sorted(set(letters))) if ordered or node.head != "mul" else ""
