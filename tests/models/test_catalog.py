from __future__ import annotations

import re

import pytest

from lemmata.errors import BadInput, UnknownModel
from lemmata.models import catalog

ENTRIES = catalog.load()


@pytest.mark.parametrize("name", ENTRIES)
def test_every_entry_is_whole(name):
    entry = ENTRIES[name]
    assert entry.family in {"qwen2", "llama"}
    assert entry.licence
    assert 0.1e9 < entry.parameters < 8.1e9
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", entry.id)
    assert all(source.partition(":")[0] in catalog.SCHEMES for source in entry.sources)
    assert name == name.lower()


def test_the_models_that_the_project_is_about_are_known():
    assert {"vibethinker-1.5b", "vibethinker-3b", "smollm2-135m"} <= set(ENTRIES)


def test_the_default_model_is_pinned():
    wheel = ENTRIES["smollm2-135m"].wheel
    assert wheel is not None
    assert (len(wheel.sha256), len(wheel.member_sha256)) == (64, 64)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("vibethinker-1.5b", "vibethinker-1.5b"),
        ("VibeThinker-1.5B", "vibethinker-1.5b"),
        ("WeiboAI/VibeThinker-1.5B", "vibethinker-1.5b"),
        ("hf:Org/My-Model@v2", "my-model"),
        ("modelscope:Org/My-Model", "my-model"),
        ("file:/x/y/Thing.gguf", "thing"),
    ],
)
def test_find(written, name):
    assert catalog.find(written).name == name


@pytest.mark.parametrize(
    ("written", "meant"),
    [("vibethinker", "vibethinker-1.5b"), ("vibethinkr-3b", "vibethinker-3b")],
)
def test_did_you_mean(written, meant):
    with pytest.raises(UnknownModel, match=re.escape(f"Did you mean {meant}?")):
        catalog.find(written)


@pytest.mark.parametrize("written", ["hf:x", "hf:a/b/c", "hf:/b", "pypi:thing==1"])
def test_no_address(written):
    with pytest.raises(BadInput):
        catalog.find(written)
