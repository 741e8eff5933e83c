from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from lemmata.errors import BadInput, UnknownConversation
from lemmata.server.state.conversations import Conversations
from lemmata.server.state.database import open_database
from lemmata.server.state.said import Said

ASKED = Said("user", "How many solutions has x + y = 10?", {})
ANSWERED = Said("assistant", "There are \\(11\\): 十一。", {"solution": {"answer": "11"}})


@pytest.fixture
def mine(database_url: str) -> Iterator[Conversations]:
    database = open_database(database_url)
    yield Conversations(database, "me")
    database.dispose()


def test_turns_come_back_in_order_with_what_is_kept_beside_them(mine: Conversations) -> None:
    made = mine.create()
    assert [mine.append(made.id, said) for said in (ASKED, ANSWERED)] == [0, 1]
    summary, said = mine.get(made.id)
    assert said == (ASKED, ANSWERED)
    assert summary.title == "How many solutions has x + y = 10?"
    assert summary.updated >= summary.created
    assert mine.list()[0].turns == 2


def test_a_search_wants_every_word_in_any_case_and_any_script(mine: Conversations) -> None:
    made = mine.create("Diophantine")
    mine.append(made.id, ASKED)
    mine.append(made.id, ANSWERED)
    mine.append(mine.create().id, Said("user", "100% of a_b", {}))
    for words in ("SOLUTIONS many", "十一", "diophantine", "x + y"):
        assert [found.id for found in mine.list(words)] == [made.id], words
    assert mine.list("solutions nothing") == []
    assert [found.title for found in mine.list("100%")] == ["100% of a_b"]
    assert [found.title for found in mine.list("a_b")] == ["100% of a_b"]
    assert mine.list("axb") == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_title_is_found_in_any_case_of_any_alphabet(mine: Conversations) -> None:
    """PostgreSQL knows the alphabets of its own locale."""
    made = mine.create("ÄPFEL Straße")
    for words in ("äpfel", "straße", "STRASSE"):
        assert [found.id for found in mine.list(words)] == [made.id], words


def test_a_branch_begins_with_the_same_and_goes_its_own_way(mine: Conversations) -> None:
    made = mine.create()
    mine.append(made.id, ASKED)
    mine.append(made.id, ANSWERED)
    twin = mine.branch(made.id, 1)
    mine.append(twin.id, Said("assistant", "other", {}))
    assert twin.parent == made.id
    assert [said.text for said in mine.get(twin.id)[1]] == [ASKED.text, "other"]
    assert len(mine.get(made.id)[1]) == 2


def test_another_key_sees_nothing_of_it(mine: Conversations) -> None:
    made = mine.create("secret")
    theirs = Conversations(mine._database, "them")
    assert theirs.list() == []
    for attempt in (
        lambda: theirs.get(made.id),
        lambda: theirs.append(made.id, ASKED),
        lambda: theirs.branch(made.id, 1),
        lambda: theirs.rename(made.id, "x"),
        lambda: theirs.remove(made.id),
    ):
        with pytest.raises(UnknownConversation):
            attempt()
    mine.remove(made.id)
    assert mine.list() == []


def test_several_pages_may_write_at_once(mine: Conversations) -> None:
    made = mine.create()
    writers = [threading.Thread(target=mine.append, args=(made.id, ASKED)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(mine.get(made.id)[1]) == 4


def test_a_nul_is_kept_as_a_mark_and_too_much_is_refused(mine: Conversations) -> None:
    made = mine.create()
    mine.append(made.id, Said("user", "a\x00b", {}))
    assert mine.get(made.id)[1][0].text == "a\ufffdb"
    with pytest.raises(BadInput, match="1 MiB"):
        mine.append(made.id, Said("user", "a", {"x": "y" * 2**20}))
