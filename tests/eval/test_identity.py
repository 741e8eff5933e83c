"""When a model of another name is the one that a run was begun with."""

from __future__ import annotations

from lemmata.eval.identity import ModelIdentity, again

BEGUN = ModelIdentity("llama", "smollm2-135m", "weights", "template")


def test_the_same_weights_from_another_place() -> None:
    assert again(BEGUN, ModelIdentity("llama", "copy", "weights", "template")) == BEGUN


def test_a_server_at_another_address() -> None:
    begun = ModelIdentity("openai", "http://a")
    assert again(begun, ModelIdentity("openai", "http://b")) == begun


def test_other_weights_another_template_and_another_kind_are_other_models() -> None:
    for now in (
        ModelIdentity("llama", "smollm2-135m", "others", "template"),
        ModelIdentity("llama", "smollm2-135m", "weights", "other"),
        ModelIdentity("openai", "http://a"),
    ):
        assert again(BEGUN, now) == now


def test_a_run_that_begins_has_its_own() -> None:
    assert again(None, BEGUN) == BEGUN
