from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, text

import databases
from lemmata.errors import BadInput, DiskFull, EnvironmentMissing, NotReady
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
    key = Keys(database).add("laptop")
    with database.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    assert revision(database) == "0001"
    database.dispose()
    again = open_database(database_url)
    assert revision(again) == head()
    assert Keys(again).find(key) is not None
    again.dispose()


def test_another_versions_database_is_said_in_one_line(database_url: str) -> None:
    database = open_database(database_url)
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.dispose()
    with pytest.raises(EnvironmentMissing, match="another version") as refused:
        open_database(database_url)
    assert "\n" not in str(refused.value)


def test_connections_that_were_cut_off_are_made_anew(postgresql: str) -> None:
    database, other = (open_database(f"{postgresql}postgres") for _ in range(2))
    keys = Keys(database)
    assert keys.list() == []
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    with other.connect() as connection:
        connection.execute(text(cut))
    assert keys.list() == []
    database.dispose()
    other.dispose()


def test_a_server_that_is_away_is_waited_for() -> None:
    if databases.programs() is None:
        pytest.skip("PostgreSQL is not installed: sudo apt install postgresql")
    with databases.postgresql() as url:
        database = open_database(f"{url}postgres")
        keys = Keys(database)
        key = keys.add("laptop")
    with pytest.raises(NotReady) as refused:
        keys.find(key)
    assert refused.value.retry_after > 0
    database.dispose()


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/lemmata.db")

    def small(connection: Any, _: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(database, "connect", small)
    database.dispose()
    keys = Keys(database)

    def fill() -> None:
        for number in range(1000):
            keys.add(f"laptop {number}")

    with pytest.raises(DiskFull):
        fill()


def test_gateways_that_start_together_make_it_once(database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(open_database, [database_url] * 4))
    assert {revision(database) for database in opened} == {head()}
    for database in opened:
        database.dispose()
