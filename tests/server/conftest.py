from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lemmata.engines.base import Engine
from served import Running, running


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[[Engine | None], Running]]:
    with contextlib.ExitStack() as stack:
        yield lambda engine: stack.enter_context(running(engine, tmp_path))
