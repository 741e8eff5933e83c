"""What the tests share: the default model, fetched once for the machine and not once a run."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import platformdirs
import pytest

from lemmata import settings
from lemmata.models.progress import shown
from lemmata.models.store import Store
from lemmata.models.stored import StoredModel


@pytest.fixture(scope="session")
def lemmata_home() -> Path:
    """Outside the tree, so that a clean checkout does not fetch; LEMMATA_TEST_HOME moves it."""
    asked = os.environ.get("LEMMATA_TEST_HOME")
    home = Path(asked) if asked else platformdirs.user_cache_path("lemmata-tests")
    home.mkdir(parents=True, exist_ok=True)
    return home


@pytest.fixture(scope="session")
def model_store(lemmata_home: Path) -> Store:
    return Store(replace(settings.load(), home=lemmata_home, offline=False))


@pytest.fixture(scope="session")
def default_model(model_store: Store) -> StoredModel:
    """The default model's GGUF, as a user's machine has it."""
    with shown() as progress:
        return model_store.pull("smollm2-135m", progress)


@pytest.fixture(scope="session")
def default_hf_dir(model_store: Store, default_model: StoredModel) -> Path:
    """The default model as the folder that torch loads."""
    with shown() as progress:
        return model_store.hf_dir(default_model, progress)
