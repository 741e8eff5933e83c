from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

import databases
from lemmata.engines.base import Engine
from served import Running, running


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[[Engine | None], Running]]:
    with contextlib.ExitStack() as stack:
        yield lambda engine: stack.enter_context(running(engine, tmp_path))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    if databases.programs() is None:
        pytest.skip("PostgreSQL is not installed: sudo apt install postgresql")
    with databases.postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database: of both kinds, one after the other."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/lemmata.db"
    server, name = request.getfixturevalue("postgresql"), f"test_{uuid.uuid4().hex}"
    engine = create_engine(f"{server}postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server}{name}"
