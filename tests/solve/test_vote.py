from fractions import Fraction

from lemmata.solve.vote import Cluster, clusters


def equal(first: str, second: str) -> bool:
    return Fraction(first) == Fraction(second)


def test_equal_values_written_differently_are_one_group() -> None:
    found = clusters(["1/2", "3", "0.5", None, "2/4"], equal)
    assert found == [Cluster("1/2", (0, 2, 4), 3.0), Cluster("3", (1,), 1.0)]


def test_the_largest_group_leads_and_a_tie_goes_to_the_first() -> None:
    assert [c.answer for c in clusters(["1", "2", "2"], equal)] == ["2", "1"]
    assert [c.answer for c in clusters(["7", "5"], equal)] == ["7", "5"]


def test_no_answers_make_no_groups() -> None:
    assert clusters([None, None], equal) == []
