"""Opening the database: brought to the latest form first, with SQLite set up to be shared."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext
from importlib.resources import files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError

from lemmata.errors import BadInput, EnvironmentMissing

_alembic = threading.Lock()
"""Alembic keeps what it works on in globals."""
BUSY_SECONDS = 10
"""How long a writer waits for another before it gives up."""


def open_database(url: str) -> Engine:
    """The database at `url`, migrated. Raises BadInput (no such URL), EnvironmentMissing."""
    try:
        place = make_url(url)
        if place.get_backend_name() == "sqlite":
            _prepare(Path(place.database or ""))
        engine = create_engine(place)
    except ArgumentError as error:
        raise BadInput(
            "LEMMATA_DATABASE is no database URL",
            "Give sqlite:////path/to/file or postgresql+psycopg://USER:PASSWORD@HOST/NAME.",
        ) from error
    except ModuleNotFoundError as error:
        raise EnvironmentMissing(
            f"{error.name} is not installed", f"Install it: pip install {error.name}"
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _share)
    try:
        if revision(engine) != head():
            _migrate(engine)
    except DatabaseError as error:
        reason = str(error).splitlines()[0]
        shown = place.render_as_string(hide_password=True)
        raise EnvironmentMissing(f"{shown} cannot be opened: {reason}") from error
    return engine


def _prepare(path: Path) -> None:
    """Hashes of keys and people's conversations: nobody else's to read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)


def _share(connection: Any, _: Any) -> None:
    """Readers do not wait for the writer, and a power cut loses nothing that was committed."""
    for pragma in (
        "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON",
        f"busy_timeout={BUSY_SECONDS * 1000}",
    ):  # fmt: skip
        connection.execute(f"PRAGMA {pragma}")
    # Its own knows ASCII only: a search for "äpfel" would not find "ÄPFEL".
    connection.create_function("lower", 1, _folded, deterministic=True)


def _folded(text: str | None) -> str | None:
    return None if text is None else text.casefold()


def _alone(engine: Engine) -> AbstractContextManager[Any]:
    """Several processes may open a new database at once; PostgreSQL has a lock of its own."""
    if engine.dialect.name != "sqlite":
        return nullcontext()
    return FileLock(f"{engine.url.database}.lock", mode=0o600)


def _migrate(engine: Engine) -> None:
    config = _config()
    with _alembic, _alone(engine), engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # gateways that start together take turns
            connection.execute(text("SELECT pg_advisory_xact_lock(4867)"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def revision(engine: Engine) -> str | None:
    """The form that the database has; None: an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The form that this version works with."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("lemmata.server.state") / "migrations"))
    return config
