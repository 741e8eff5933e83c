"""A small, real tokenizer and chat template, so that most tests need no model."""

from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from lemmata.data.render import Renderer
from lemmata.prompts.render import ChatTemplate

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
FILES = Path(__file__).parent / "files"


@pytest.fixture
def files() -> Path:
    return FILES


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    """Byte-level BPE trained on the extracts, with ChatML's control tokens."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=1_000,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    text = (FILES / "gsm8k-train-40.jsonl").read_text("utf-8")
    made.train_from_iterator(text.splitlines(), trainer)
    return made


@pytest.fixture
def render(tokenizer: Tokenizer) -> Renderer:
    return Renderer(ChatTemplate(CHATML, eos="<|im_end|>"), tokenizer)
