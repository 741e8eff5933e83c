"""English values: words, formulas, and both mixed."""

from __future__ import annotations

import re

from lemmata.apps.conjecture.formalise import english_words as words
from lemmata.apps.conjecture.formalise.numbers import number
from lemmata.apps.conjecture.formalise.parts import Names, NotUnderstood, formula, value
from lemmata.apps.conjecture.language.syntax import Arithmetic, Node, Operate

_JOINTS: tuple[tuple[str, Arithmetic], ...] = ((" plus ", "+"), (" minus ", "-"), (" times ", "*"))


class Values:
    """Reads values over the names of one statement. Raises NotUnderstood."""

    _names: Names

    def value(self, text: str) -> Node:
        """A value: words or a formula."""
        text = text.strip()
        if text.lower() in words.COUNTS:
            return number(words.COUNTS[text.lower()])
        if self._names.topic is not None and re.match(r"(?:its|it|itself)\b", text, re.I):
            return self._of_topic(text)
        return self._joined_values(text) or self._named_value(text) or self._plain_value(text)

    def _joined_values(self, text: str) -> Node | None:
        for joint, op in _JOINTS:
            if joint in text:
                left, right = text.split(joint, 1)
                return Operate(op, self.value(left), self.value(right))
        return None

    def _named_value(self, text: str) -> Node | None:
        """`the number of divisors of n`."""
        for pattern, make in words.VALUES:
            match = re.fullmatch(pattern, text, re.I)
            if match:
                try:
                    inner = [self.value(group) for group in match.groups() if group is not None]
                except NotUnderstood:
                    continue
                return make(*inner)
        return None

    def _plain_value(self, text: str) -> Node:
        """A formula, with words among its terms or without."""
        for op in ("+", "-", "*"):
            for left, right in reversed(list(halves(text, f" {op} "))):
                try:
                    if any(re.search(r"[A-Za-z]{4,} [a-z]+", side) for side in (left, right)):
                        return Operate(op, self.value(left), self.value(right))
                except NotUnderstood:
                    continue
        return value(re.sub(words.LABELS, "", text, flags=re.I), self._names)

    def _of_topic(self, text: str) -> Node:
        """`itself`, `its square`: of what the statement is about."""
        if re.fullmatch(r"it(?:self)?", text, re.I):
            return self.value(str(self._names.topic))
        return self.value(f"the {text[4:]} of {self._names.topic}")

    def formula(self, text: str) -> Node:
        return formula(text, self._names)


def halves(text: str, joint: str) -> list[tuple[str, str]]:
    """Every way to cut the text at the joint."""
    pieces = text.split(joint)
    return [(joint.join(pieces[:i]), joint.join(pieces[i:])) for i in range(1, len(pieces))]
