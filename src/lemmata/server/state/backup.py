"""Copying the database while it is in use, and looking whether it is whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from lemmata.errors import BadInput, EnvironmentMissing
from lemmata.server.state.database import head, revision
from lemmata.server.state.tables import Base
from lemmata.settings import child_environment


def backup(url: str, target: Path) -> Path:
    """Write a copy of the database to `target`, which must not exist: an SQLite file, or pg_dump's
    custom format. Writers go on meanwhile; the copy is of one moment. Raises BadInput,
    EnvironmentMissing."""
    if target.exists():
        raise BadInput(f"{target} exists", "Name a file that does not.")
    place = make_url(url)
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_name(f".{target.name}.new")
    new.unlink(missing_ok=True)
    try:
        if place.get_backend_name() == "sqlite":
            _copy(Path(place.database or ""), new)
        else:
            _dump(url, new)
        with new.open("rb+") as file:
            os.fsync(file.fileno())
        new.rename(target)
    finally:
        new.unlink(missing_ok=True)
    return target


def _copy(source: Path, target: Path) -> None:
    if not source.exists():
        raise BadInput(f"there is no database at {source}", "It is made at the first start.")
    target.touch(mode=0o600)
    with contextlib.closing(sqlite3.connect(source)) as old:  # noqa: SIM117 - two databases
        with contextlib.closing(sqlite3.connect(target)) as new:
            try:
                old.backup(new)
                new.execute("PRAGMA journal_mode=DELETE")  # one file, whole by itself
            except sqlite3.DatabaseError as error:
                raise EnvironmentMissing(f"{source} cannot be read: {error}") from error


def _dump(url: str, target: Path) -> None:
    tool = shutil.which("pg_dump")
    if tool is None:
        raise EnvironmentMissing(
            "pg_dump is not installed", "Install it: sudo apt install postgresql-client"
        )
    place = make_url(url)
    plain = place.set(drivername="postgresql", password=None)
    secret = {"PGPASSWORD": str(place.password)} if place.password else {}
    done = subprocess.run(  # noqa: S603 - our own arguments
        [tool, "--format=custom", f"--file={target}", f"--dbname={plain.render_as_string()}"],
        env=child_environment(**secret),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise EnvironmentMissing(f"pg_dump failed: {reason[0]}")


def check(url: str) -> dict[str, Any]:
    """What is there and whether it is whole; changes nothing. `problems` is empty where it is.

    SQLite checks every page and reference; PostgreSQL keeps its own checksums, so there it is the
    form and the tables' being readable.
    """
    place = make_url(url)
    if place.get_backend_name() == "sqlite" and not Path(place.database or "").exists():
        raise BadInput(
            f"there is no database at {place.database}", "It is made at the first start."
        )
    engine = create_engine(place)
    try:
        problems = _pages(engine) if engine.dialect.name == "sqlite" else []
        form = revision(engine)
        if form != head():
            problems.append(f"its form is {form or 'none'} and this version's is {head()}")
        rows = {} if problems else _rows(engine)
    except DatabaseError as error:
        problems, form, rows = [str(error.orig).splitlines()[0]], None, {}
    finally:
        engine.dispose()
    return {
        "database": place.render_as_string(hide_password=True),
        "form": form,
        "rows": rows,
        "problems": problems,
    }


def _pages(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        whole = connection.execute(text("PRAGMA integrity_check(20)")).scalars().all()
        lost = connection.execute(text("PRAGMA foreign_key_check")).all()
    return [line for line in whole if line != "ok"] + [
        f"a row of {row[0]} names a row of {row[2]} that is not there" for row in lost[:20]
    ]


def _rows(engine: Engine) -> dict[str, int]:
    with Session(engine) as session:
        return {
            table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
        }
