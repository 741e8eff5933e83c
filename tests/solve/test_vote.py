from fractions import Fraction

from lemmata.solve.vote import Ballot, Cluster, clusters
from lemmata.solve.weights import BY_STEPS


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
    assert not ballot(9, "aaaab").decided
    assert "3 more could not change it" in ballot(9, "aaaaab").decided


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


def weighed(votes: int, *added: tuple[str | None, float, bool]) -> Ballot:
    made = Ballot(votes, str.__eq__, 0.95, BY_STEPS)
    for sample, (answer, weight, passed) in enumerate(added):
        made.add(sample, answer, weight, passed=passed)
    return made


def test_a_vote_that_passes_where_others_fail_can_settle_it_alone() -> None:
    good = ("a", 2.5, True)
    assert not weighed(16, good).decided
    assert not weighed(16, (None, 0.1, False), good).wanted > 1
    assert "confidence" in weighed(16, (None, 0.1, False), (None, 0.1, False), good).decided


def test_where_all_pass_it_takes_agreement() -> None:
    assert not weighed(16, ("a", 1.3, True), ("b", 1.3, True), ("a", 1.3, True)).decided
    assert weighed(16, ("a", 2.0, True), ("a", 2.0, True)).decided


def test_two_are_begun_with_where_steps_are_weighed() -> None:
    assert weighed(16).wanted == 2


def test_doubted_votes_are_never_certain_to_lead() -> None:
    """One that passes could count more than all of them."""
    doubted = Ballot(9, str.__eq__, None, BY_STEPS)
    for sample in range(8):
        doubted.add(sample, "a", 1.0, passed=False)
    assert doubted.decided == ""
    assert "could not change" in ballot(9, "aaaaaaaa").decided


def test_weights_decide_who_leads() -> None:
    made = Ballot(3, str.__eq__)
    for sample, (answer, weight) in enumerate([("a", 0.2), ("a", 0.2), ("b", 2.0)]):
        made.add(sample, answer, weight)
    assert made.clusters[0].answer == "b"
    assert made.standing().groups[0] == ("b", 2.0, 1)
