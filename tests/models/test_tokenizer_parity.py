"""Token ids of the tokenizers library, of transformers and of libllama are the same."""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import gguf
import pytest
import tokenizers

from lemmata.models import (
    gguf_metadata,
    gguf_read,
    hf_to_gguf,
    pretokenisers,
    vocabulary_from_hf,
)
from lemmata.models.architecture import Architecture
from lemmata.models.gguf_metadata import About
from models import libllama, qwen
from models.texts import NASTY


@pytest.fixture(scope="module")
def qwen_pair(qwen_tokenizer, tmp_path_factory):
    """Qwen's tokenizer by its own library, and by libllama out of our GGUF."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("ids")
    qwen.write_tokenizer(qwen_tokenizer, folder)
    qwen.write_model(folder, tied=True)
    gguf = folder / "model.gguf"
    hf_to_gguf.convert(folder, gguf, "q8_0", About("qwen", "Qwen/Test"))
    theirs = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    with libllama.opened(gguf, vocabulary_only=True) as ours:
        yield theirs, ours, gguf


@pytest.fixture(scope="module")
def smollm_pair(default_model, default_hf_dir):
    theirs = tokenizers.Tokenizer.from_file(str(default_hf_dir / "tokenizer.json"))
    with libllama.opened(default_model.gguf, vocabulary_only=True) as ours:
        yield theirs, ours, default_model.gguf


@pytest.fixture(
    params=[
        pytest.param("qwen_pair", marks=pytest.mark.train),
        pytest.param("smollm_pair", marks=pytest.mark.model),
    ]
)
def pair(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("rule", pretokenisers.KNOWN, ids=lambda rule: rule.names[0])
def test_every_rule_of_the_table_cuts_as_libllama_does(rule, qwen_tokenizer, tmp_path):
    """Qwen's vocabulary under each rule, in a GGUF of a vocabulary alone."""
    model = {**qwen_tokenizer["model"], "ignore_merges": rule.ignore_merges}
    stated = {**qwen_tokenizer, "pre_tokenizer": rule.rule, "model": model}
    qwen.write_tokenizer(stated, tmp_path)
    shape = Architecture("llama", 1, 64, 64, 1, 1, 64, 256, 1e-6, 1e4, qwen.ROWS, True)
    writer = gguf.GGUFWriter(tmp_path / "v.gguf", "llama")
    found = vocabulary_from_hf.vocabulary(tmp_path, qwen.ROWS)
    gguf_metadata.add(writer, About("v", "Org/V"), shape, found, "f32")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    theirs = tokenizers.Tokenizer.from_str(json.dumps(stated))
    with libllama.opened(tmp_path / "v.gguf", vocabulary_only=True) as ours:
        for text in [*NASTY.values(), *_mixtures()]:
            composed = unicodedata.normalize("NFC", text)
            assert ours.ids(composed) == theirs.encode(composed).ids, repr(composed)


@pytest.mark.parametrize("name", NASTY)
def test_ids_agree_on_nasty_texts(pair, name):
    theirs, ours, _ = pair
    text = unicodedata.normalize("NFC", NASTY[name])
    assert ours.ids(text) == theirs.encode(text, add_special_tokens=False).ids


def _mixtures() -> Iterator[str]:
    pool = "".join(NASTY.values()) + " \n\t" * 40
    for seed in range(300):
        chance = random.Random(seed)
        yield "".join(chance.choices(pool, k=chance.randrange(1, 60)))


def test_ids_agree_on_random_mixtures(pair):
    theirs, ours, _ = pair
    for text in (unicodedata.normalize("NFC", mixture) for mixture in _mixtures()):
        assert ours.ids(text) == theirs.encode(text, add_special_tokens=False).ids, repr(text)


def test_qwen_needs_composed_text_and_its_gguf_says_so(qwen_pair):
    """libllama does not normalise: whoever calls it must, as `normal_form` tells."""
    theirs, ours, gguf = qwen_pair
    decomposed = unicodedata.normalize("NFD", "Café déjà vu")
    form = gguf_read.normal_form(gguf)
    assert form == "NFC"
    expected = theirs.encode(decomposed).ids
    assert ours.ids(decomposed) != expected
    assert ours.ids(unicodedata.normalize(form, decomposed)) == expected


@pytest.mark.model
def test_the_default_model_takes_text_as_it_is(default_model):
    assert gguf_read.normal_form(default_model.gguf) is None


@pytest.mark.train
@pytest.mark.model
def test_transformers_reads_the_converted_tokenizer_alike(default_hf_dir: Path, smollm_pair):
    transformers = pytest.importorskip("transformers")
    loaded = transformers.AutoTokenizer.from_pretrained(default_hf_dir)
    _, ours, _ = smollm_pair
    for text in NASTY.values():
        ids = loaded.encode(text, add_special_tokens=False)
        assert ids == ours.ids(text)
    assert (loaded.bos_token, loaded.eos_token) == ("<|im_start|>", "<|im_end|>")
