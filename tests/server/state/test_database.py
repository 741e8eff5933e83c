from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from lemmata.errors import BadInput, EnvironmentMissing
from lemmata.server.state.database import _config, head, open_database, revision
from lemmata.server.state.keys import Keys
from lemmata.server.state.tables import Base


def test_the_migrations_make_the_tables_as_declared(database_url: str) -> None:
    database = open_database(database_url)
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    database.dispose()


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/lemmata.db"
    open_database(url).dispose()
    before = (tmp_path / "lemmata.db").read_bytes()
    open_database(url).dispose()
    assert (tmp_path / "lemmata.db").read_bytes() == before


def test_what_is_no_database_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "other.db").write_bytes(b"this is no database at all" * 99)
    with pytest.raises(EnvironmentMissing, match=r"other\.db") as refused:
        open_database(f"sqlite:///{tmp_path}/other.db")
    assert "\n" not in str(refused.value)
    with pytest.raises(BadInput):
        open_database("no url")


def test_a_password_in_the_url_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "other.db").write_bytes(b"this is no database at all" * 99)
    for url in ("postgresql+nodriver://me:secret@db.example/x", "postgresql://me:secret@[/x"):
        with pytest.raises((BadInput, EnvironmentMissing)) as refused:
            open_database(url)
        assert "secret" not in str(refused.value)


def test_migrations_go_back_and_forth_and_keep_the_keys(database_url: str) -> None:
    database = open_database(database_url)
    text = Keys(database).add("laptop")
    with database.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    assert revision(database) == "0001"
    database.dispose()
    again = open_database(database_url)
    assert revision(again) == head()
    assert Keys(again).find(text) is not None
    again.dispose()


def test_gateways_that_start_together_make_it_once(database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(open_database, [database_url] * 4))
    assert {revision(database) for database in opened} == {head()}
    for database in opened:
        database.dispose()
