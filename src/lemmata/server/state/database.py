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
from alembic.util import CommandError
from filelock import FileLock
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, OperationalError

from lemmata.errors import BadInput, DiskFull, EnvironmentMissing, LemmataError, NotReady

_alembic = threading.Lock()
"""Alembic keeps what it works on in globals."""
BUSY_SECONDS = 10
"""How long a writer waits for another before it gives up."""
AWAY_SECONDS = 5
"""After which to ask again, where the database does not answer."""


def open_database(url: str) -> Engine:
    """The database at `url`, migrated. Raises BadInput (no such URL), EnvironmentMissing."""
    try:
        place = make_url(url)
        if place.get_backend_name() == "sqlite":
            _prepare(Path(place.database or ""))
        # What a server that was started anew has cut off is not handed out again.
        engine = create_engine(place, pool_pre_ping=place.get_backend_name() != "sqlite")
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
        _bring_up_to_date(engine)
    except LemmataError:
        engine.dispose()
        raise
    event.listen(engine, "handle_error", _away)
    return engine


def _bring_up_to_date(engine: Engine) -> None:
    """Raises EnvironmentMissing."""
    shown = engine.url.render_as_string(hide_password=True)
    try:
        if revision(engine) != head():
            _migrate(engine)
    except DatabaseError as error:
        reason = str(error).splitlines()[0]
        raise EnvironmentMissing(f"{shown} cannot be opened: {reason}") from error
    except CommandError as error:
        raise EnvironmentMissing(
            f"{shown} was written by another version of Lemmata",
            "Use that version or a later one, or restore a copy from before.",
        ) from error


def _away(context: ExceptionContext) -> LemmataError | None:
    """What is raised in place of an error that nobody asking can help, and that passes."""
    error = context.sqlalchemy_exception
    if context.is_pre_ping or not isinstance(error, OperationalError | InterfaceError):
        return None  # a ping that fails is mended by connecting anew
    reason = str(context.original_exception).strip()
    if "is full" in reason or "No space left" in reason:
        return DiskFull("the disk of the database is full", "Free some space and send it again.")
    if context.dialect.name == "sqlite" and "locked" not in reason:
        return None
    return NotReady("the database does not answer", "Ask again in a moment.", AWAY_SECONDS)


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
