"""A wrong step ends a derivation."""

from __future__ import annotations

from lemmata.engines.base import Delta
from lemmata.solve.pruning import Pruning
from lemmata.solve.sample import Sample


def written(text: str, index: int = 0, inside: bool = False) -> Sample:
    sample = Sample(index, inside)
    sample.add(Delta("r", text, 1, 0))
    return sample


def test_a_line_is_read_once_it_has_ended() -> None:
    pruning, sample = Pruning("What is 2 + 3?"), written("2 + 3 = 6")
    assert not pruning.due(sample)
    sample.add(Delta("r", "\n", 1, 0))
    assert pruning.due(sample)
    assert pruning.wrong(sample)
    sample.add(Delta("r", "So it is", 1, 0))
    assert not pruning.due(sample)


def test_right_lines_are_no_reason() -> None:
    assert not Pruning("").wrong(written("2 + 3 = 5\n5 * 2 = 10\nSo"))


def test_what_is_tried_while_thinking_is_left_alone() -> None:
    sample = written("2 + 3 = 6\nno, wait\n", inside=True)
    assert not Pruning("").due(sample)
    sample.add(Delta("r", "</think>2 + 3 = 5\nso", 1, 0))
    assert not Pruning("").wrong(sample)


def test_each_sample_is_read_by_itself() -> None:
    pruning = Pruning("")
    assert pruning.wrong(written("1 + 1 = 3\nso", 0))
    assert not pruning.wrong(written("1 + 1 = 2\nso", 1))
