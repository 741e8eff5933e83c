from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lemmata.apps.notes import notebook, review
from lemmata.apps.notes.check import check
from lemmata.apps.notes.notebook import Entry
from lemmata.apps.notes.tuning import tuning_set
from lemmata.apps.notes.vault import NOTEBOOK, Vault
from lemmata.errors import BadInput

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
NOTE = "Algebra/Quadratics.md"
GRADES = json.loads((Path(__file__).parent / "reviews.json").read_text(encoding="utf-8"))


def recorded(vault: Vault, note: str) -> notebook.Recorded:
    return notebook.record(vault, note, check(vault.read(note)), NOW)


def entries(vault: Vault) -> list[Entry]:
    return [one for _, one in notebook.entries(vault) if isinstance(one, Entry)]


def mend(vault: Vault, note: str, *changes: tuple[str, str]) -> None:
    before = after = vault.read(note)
    for old, new in changes:
        assert old in after
        after = after.replace(old, new)
    vault.write(note, after, before)


def test_a_failed_problem_becomes_an_entry_once(vault: Vault) -> None:
    first = recorded(vault, NOTE)
    assert len(first.new) == 1
    assert recorded(vault, NOTE) == notebook.Recorded((), ())
    (one,) = entries(vault)
    assert (one.task, one.gold, one.correction) == ("math", "86", "")
    assert one.attempt.startswith("7 * 8 = 54.")
    assert "56, not 54" in one.failure
    assert notebook.read(notebook.written(one)) == one


def test_parts_survive_headings_in_code(vault: Vault) -> None:
    recorded(vault, "Programs.md")
    (one,) = entries(vault)
    assert one.attempt.startswith("```python\ndef fact")
    text = notebook.written(one)
    odd = text.replace("result = 1\n", "## Correction\n    result = 1\n")
    again = notebook.read(odd)
    assert again is not None
    assert "result = 1" in again.attempt


def test_what_is_mended_becomes_a_row_that_the_data_check_accepts(vault: Vault) -> None:
    from lemmata.data.clean import Rules
    from lemmata.data.prepare import Plan
    from lemmata.data.prepare import check as check_rows
    from lemmata.data.read import open_sources
    from lemmata.models.progress import silent
    from lemmata.settings import load
    from lemmata.verify import verify_math

    for note in (NOTE, "Programs.md", "概率.md"):
        recorded(vault, note)
    assert [one.reason for one in tuning_set(entries(vault)).left] == [
        "it has no correction yet"
    ] * 3
    mend(vault, NOTE, ("8 = 54", "8 = 56"), ("54 + 30 = 84", "56 + 30 = 86"))
    mend(vault, "Programs.md", ("range(1, n)", "range(1, n + 1)"))
    mend(vault, "概率.md", ("3 + 5 = 9", "3 + 5 = 8"))
    for note in (NOTE, "Programs.md", "概率.md"):
        assert len(recorded(vault, note).mended) == 1
    made = tuning_set(entries(vault))
    assert (len(made.lines), made.left) == (3, ())
    rows = vault.root / "rows.jsonl"
    rows.write_text("".join(made.lines), encoding="utf-8")
    sources = list(open_sources(str(rows), load(), silent, 0, ()))
    rules = Rules(0.8, "drop", (), (), verify_math, lambda _: "")
    report = check_rows(sources, Plan(rules), silent)
    assert report["kept"] == 3
    assert not report["dropped"]


@pytest.mark.parametrize(
    ("correction", "why"),
    [
        ("7 * 8 = 57. 57 + 30 = 87.", "is wrong"),
        ("It is obvious.", "nothing in its correction can be checked"),
        ("7 * 8 = 56. The answer is 56.", "its answer is incorrect"),
    ],
)
def test_no_correction_is_taken_on_trust(vault: Vault, correction: str, why: str) -> None:
    recorded(vault, NOTE)
    (path, one) = next(iter(notebook.entries(vault)))
    assert isinstance(one, Entry)
    text = vault.read(path)
    vault.write(path, notebook.corrected(text, correction), text)
    (left,) = tuning_set(entries(vault)).left
    assert why in left.reason


def test_a_broken_entry_is_told_and_others_go_on(vault: Vault) -> None:
    recorded(vault, NOTE)
    bad = vault.root / NOTEBOOK / "bad.md"
    bad.write_text("---\nlemmata: error\nid: [\n---\n## Problem\n")
    found = [one for _, one in notebook.entries(vault)]
    assert [isinstance(one, BadInput) for one in found].count(True) == 1
    assert len(entries(vault)) == 1


def test_reviews_follow_the_algorithm() -> None:
    """The same file holds the plugin's `ts-fsrs`."""
    for case in GRADES:
        front = {"state": "new", "due": notebook.stamp(NOW)}
        for grade, after_days, wanted in case:
            front = review.graded(front, grade, NOW + timedelta(days=after_days))
            expected = dict(wanted)
            assert front["due"] == expected.pop("due")
            assert front["state"] == expected.pop("state")
            assert {key: front[key] for key in expected} == pytest.approx(expected, abs=1e-6)
    with pytest.raises(BadInput, match="no grade"):
        review.graded({}, "perfect", NOW)
    with pytest.raises(BadInput, match="cannot be read"):
        review.graded({"state": "review", "stability": "x"}, "good", NOW)


def test_a_row_has_the_words_of_links_and_not_their_brackets(vault: Vault) -> None:
    front = {"id": "1", "task": "math"}
    problem = "By [[Algebra/Vieta#^v|Vieta]] and [[Sums]], with ![[Picture]] and $[[1, 2]]$: 2 * 3?"
    (line,) = tuning_set([Entry(front, problem, "", "", "2 * 3 = 6, see [[Sums]].")]).lines
    row = json.loads(line)
    said = row["messages"][0]["content"]
    assert said == "By Vieta and Sums, with  and $[[1, 2]]$: 2 * 3?"
    assert row["completion"] == "2 * 3 = 6, see Sums."
