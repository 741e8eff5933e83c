"""Are two answers equal? `correct`, `incorrect`, or `undecided` with the reason; never a guess."""

from __future__ import annotations

from lemmata.types import Verdict
from lemmata.verify import answer as answers
from lemmata.verify.pool import WorkerLost, shared


def verify_math(answer: str, gold: str) -> Verdict:
    """Compare an answer, bare or at the end of a derivation, with the gold answer."""
    left, right = _final(answer), _final(gold)
    if not left or not right:
        return Verdict("undecided", "there is no answer to compare")
    if "".join(left.split()) == "".join(right.split()):
        return Verdict("correct", "the same text")
    try:
        reply = shared().ask({"a": left, "b": right})
    except WorkerLost as lost:
        return Verdict("undecided", str(lost))
    if "undecided" in reply:
        return Verdict("undecided", reply["undecided"])
    return Verdict("correct", "equal") if reply["equal"] else Verdict("incorrect", "different")


def _final(text: str) -> str:
    found = answers.extract(text)
    return found.text if found else text.strip()
