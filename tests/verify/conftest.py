"""What all tests of the checkers share."""

from __future__ import annotations

import pytest

from lemmata.verify import scalar


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no fault of the pair: only computing time is limited here."""
    monkeypatch.setattr(scalar, "WALL_S", 120.0)
