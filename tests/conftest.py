"""What the tests share: the default model, fetched once for the machine and not once a run."""

from __future__ import annotations

import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import platformdirs
import pytest

from lemmata import settings
from lemmata.models.progress import shown
from lemmata.models.store import Store
from lemmata.models.stored import StoredModel

# A shell that runs the tests in the background has them ignore Ctrl-C, and their children with
# them; tests that send one need what a person's shell gives.
signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.fixture(scope="session")
def tiny_base(default_hf_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Hugging Face folder: 2 layers, hidden 64, random weights, the real vocabulary."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("tiny") / "tiny-llama"
    config = LlamaConfig.from_pretrained(default_hf_dir)
    config.update({
        "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16,
    })  # fmt: skip
    torch.manual_seed(7)
    LlamaForCausalLM(config).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        if (default_hf_dir / name).exists():
            shutil.copy(default_hf_dir / name, folder / name)
    return folder
