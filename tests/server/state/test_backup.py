from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from lemmata.errors import BadInput
from lemmata.server.state.backup import backup, check
from lemmata.server.state.database import open_database
from lemmata.server.state.keys import Keys


def test_a_copy_made_in_use_is_whole_and_holds_the_same(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/lemmata.db"
    database = open_database(url)
    text = Keys(database).add("laptop")
    copy = backup(url, tmp_path / "copies" / "monday.db")
    database.dispose()
    assert copy.stat().st_mode & 0o077 == 0
    assert check(f"sqlite:///{copy}")["problems"] == []
    again = open_database(f"sqlite:///{copy}")
    assert Keys(again).find(text) is not None
    again.dispose()
    with pytest.raises(BadInput, match="exists"):
        backup(url, copy)
    with pytest.raises(BadInput, match="no database"):
        backup(f"sqlite:///{tmp_path}/none.db", tmp_path / "x.db")
    assert not (tmp_path / "x.db").exists()


def test_a_check_counts_what_is_there(database_url: str) -> None:
    database = open_database(database_url)
    Keys(database).add("laptop")
    database.dispose()
    found = check(database_url)
    assert found["problems"] == []
    assert found["rows"]["api_keys"] == 1


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/lemmata.db"
    open_database(url).dispose()
    path = tmp_path / "lemmata.db"
    raw = bytearray(path.read_bytes())
    raw[4096 * 2 : 4096 * 4] = b"\xff" * (4096 * 2)
    path.write_bytes(bytes(raw))
    assert check(url)["problems"]


def test_a_database_of_another_form_is_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/lemmata.db"
    open_database(url).dispose()
    connection = sqlite3.connect(tmp_path / "lemmata.db")
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    assert "its form is 0001" in check(url)["problems"][0]


@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="pg_dump is not installed")
def test_postgresql_is_dumped_for_pg_restore(postgresql: str, tmp_path: Path) -> None:
    url = f"{postgresql}postgres"
    open_database(url).dispose()
    copy = backup(url, tmp_path / "copy.dump")
    listed = subprocess.run(
        ["pg_restore", "--list", copy], capture_output=True, text=True, check=True
    )
    assert "api_keys" in listed.stdout
