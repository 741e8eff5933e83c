"""The table of rules: found by what a tokenizer states, refused where it is not there."""

from __future__ import annotations

import copy
import json

import pytest
import tokenizers

from lemmata.errors import ModelRefused
from lemmata.models import pretokenisers, vocabulary_from_hf
from models import qwen
from models.texts import NASTY


@pytest.mark.parametrize("known", pretokenisers.KNOWN, ids=lambda known: known.names[0])
def test_each_rule_is_found_again_and_is_one_the_library_reads(known, small_tokenizer):
    model = {**small_tokenizer["model"], "ignore_merges": known.ignore_merges}
    stated = {**small_tokenizer, "pre_tokenizer": known.rule, "model": model}
    assert pretokenisers.detect(stated) is known
    assert pretokenisers.named(known.names[0]) is known
    loaded = tokenizers.Tokenizer.from_str(json.dumps(stated))
    assert loaded.decode(loaded.encode(NASTY["code"]).ids) == NASTY["code"]


def test_what_changes_no_id_does_not_matter(small_tokenizer):
    stated = copy.deepcopy(small_tokenizer)
    stated["pre_tokenizer"]["pretokenizers"][1]["trim_offsets"] = True
    assert pretokenisers.detect(stated).names[0] == "qwen2"


def test_an_unknown_rule_is_refused_and_not_guessed(small_tokenizer, tmp_path):
    stated = copy.deepcopy(small_tokenizer)
    pattern = stated["pre_tokenizer"]["pretokenizers"][0]["pattern"]
    pattern["Regex"] = pattern["Regex"].replace(r"\p{N}|", r"\p{N}{1,2}|")
    qwen.write_tokenizer(stated, tmp_path)
    with pytest.raises(ModelRefused, match="rule that is not known"):
        vocabulary_from_hf.vocabulary(tmp_path, 2_048)
    with pytest.raises(ModelRefused, match="not known"):
        pretokenisers.named("command-r")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"normalizer": {"type": "Lowercase"}}, "normaliser"),
        ({"model": {"type": "Unigram", "vocab": []}}, "byte-pair"),
        ({"model": {"type": "BPE", "vocab": {}, "merges": [], "byte_fallback": True}}, "fallback"),
        ({"model": {"type": "BPE", "vocab": {"a": 9_999}, "merges": []}}, "9999"),
    ],
)
def test_tokenizers_that_libllama_has_no_equal_of(small_tokenizer, change, reason, tmp_path):
    qwen.write_tokenizer({**small_tokenizer, **change}, tmp_path)
    with pytest.raises(ModelRefused, match=reason):
        vocabulary_from_hf.vocabulary(tmp_path, 2_048)


def test_a_token_that_swallows_spaces_is_refused(small_tokenizer, tmp_path):
    stated = copy.deepcopy(small_tokenizer)
    stated["added_tokens"][0]["lstrip"] = True
    qwen.write_tokenizer(stated, tmp_path)
    with pytest.raises(ModelRefused, match="swallows"):
        vocabulary_from_hf.vocabulary(tmp_path, 2_048)


def test_added_tokens_templates_and_padding(small_tokenizer, tmp_path):
    qwen.write_tokenizer(small_tokenizer, tmp_path)
    found = vocabulary_from_hf.vocabulary(tmp_path, 2_048)
    kinds = dict(zip(found.tokens, found.types, strict=True))
    assert kinds["<|im_start|>"].name == "CONTROL"
    assert kinds["<tool_call>"].name == "USER_DEFINED"
    assert kinds["[PAD2047]"].name == "UNUSED"
    assert found.special["eos"] == found.tokens.index("<|im_end|>")
    assert found.chat_template == qwen.TEMPLATE
    (tmp_path / "chat_template.jinja").write_text("of the file")
    assert vocabulary_from_hf.vocabulary(tmp_path, 2_048).chat_template == "of the file"
