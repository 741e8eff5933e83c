from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lemmata.errors import BadInput
from lemmata.server.state.database import open_database
from lemmata.server.state.keys import Allowance, Keys


@pytest.fixture
def keys(database_url: str) -> Iterator[Keys]:
    database = open_database(database_url)
    yield Keys(database)
    database.dispose()


@pytest.fixture
def on_file(tmp_path: Path) -> Keys:
    return Keys(open_database(f"sqlite:///{tmp_path}/lemmata.db"))


def test_a_key_is_found_by_its_text_alone(keys: Keys) -> None:
    text = keys.add("laptop", "tune")
    found = keys.find(text)
    assert found is not None
    assert (found.name, found.scope) == ("laptop", "tune")
    other = keys.add("phone")
    mixed = f"{text[:12]}{other[12:]}"
    for wrong in (text[:-1] + "x" * (text[-1] != "x"), mixed, "", "lm-", "x" * 10_000, text + " "):
        assert keys.find(wrong) is None


def test_the_secret_is_nowhere_on_the_disk(on_file: Keys, tmp_path: Path) -> None:
    secret = on_file.add("laptop").rsplit("-", 1)[-1][:16]
    for path in tmp_path.iterdir():
        assert secret.encode() not in path.read_bytes()


def test_scopes_include_those_before(keys: Keys) -> None:
    found = {scope: keys.find(keys.add(scope, scope)) for scope in ("infer", "tune", "admin")}
    reach = {name: [key.may(s) for s in ("infer", "tune", "admin")] for name, key in found.items()}
    assert reach == {
        "infer": [True, False, False], "tune": [True, True, False], "admin": [True, True, True],
    }  # fmt: skip


def test_names_are_unique_and_can_be_taken_back(keys: Keys) -> None:
    text = keys.add("laptop")
    with pytest.raises(BadInput, match="already"):
        keys.add("laptop")
    assert [key.name for key in keys.list()] == ["laptop"]
    keys.remove("laptop")
    assert keys.find(text) is None
    assert keys.list() == []
    with pytest.raises(BadInput):
        keys.remove("laptop")


@pytest.mark.parametrize("name", ["", "x" * 65, "a\nb", "a/b"])
def test_bad_names(keys: Keys, name: str) -> None:
    with pytest.raises(BadInput):
        keys.add(name)


def test_the_database_is_private_shared_and_safe(on_file: Keys, tmp_path: Path) -> None:
    on_file.add("laptop")
    path = tmp_path / "lemmata.db"
    assert path.stat().st_mode & 0o077 == 0
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_an_allowance_is_kept_with_the_key(keys: Keys) -> None:
    text = keys.add("class", "infer", Allowance(60, 4, 1000))
    found = keys.find(text)
    assert found is not None
    assert found.allowance == Allowance(60, 4, 1000)
    assert keys.list()[0].allowance == Allowance(60, 4, 1000)


def test_tokens_of_a_day_add_up_whoever_writes_them(keys: Keys) -> None:
    found = keys.find(keys.add("class"))
    assert found is not None
    writers = [
        threading.Thread(target=lambda: [keys.use(found.id, 5) for _ in range(10)])
        for _ in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert keys.used(found.id) == 200
    keys.remove("class")
    keys.use(found.id, 5)
    assert keys.used(found.id) == 0
