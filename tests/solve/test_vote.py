from fractions import Fraction

from lemmata.solve.vote import Ballot, Cluster, clusters


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


def ballot(votes: int, answers: str, confidence: float | None = None) -> Ballot:
    made = Ballot(votes, str.__eq__, confidence)
    for sample, answer in enumerate(answers):
        made.add(sample, None if answer == "-" else answer, 1.0)
    return made


def test_a_vote_is_open_until_it_cannot_be_lost() -> None:
    """Of 9 votes 5 lead 1: three more could each weigh two, and turn it."""
    assert not ballot(9, "aaaaab").decided
    assert "could not change it" in ballot(9, "aaaaaa").decided


def test_a_confidence_settles_it_earlier() -> None:
    assert not ballot(16, "aaa", 0.95).decided
    assert "0.969" in ballot(16, "aaaa", 0.95).decided
    assert not ballot(16, "aaab", 0.95).decided


def test_only_as_many_are_wanted_as_could_settle_it() -> None:
    assert ballot(16, "", 0.95).wanted == 4
    assert ballot(16, "a", 0.95).wanted == 3
    assert ballot(16, "aab", 0.95).wanted == 4
    assert ballot(16, "aaaa", 0.95).wanted == 0
    assert ballot(2, "", 0.95).wanted == 2
    assert ballot(1, "").wanted == 1


def test_no_answer_is_a_vote_for_nobody() -> None:
    assert ballot(2, "--").decided == "all votes are counted"
    assert ballot(2, "--").clusters == []


def test_weights_decide_who_leads() -> None:
    made = Ballot(3, str.__eq__)
    for sample, (answer, weight) in enumerate([("a", 0.2), ("a", 0.2), ("b", 2.0)]):
        made.add(sample, answer, weight)
    assert made.clusters[0].answer == "b"
    assert made.standing().groups[0] == ("b", 2.0, 1)
