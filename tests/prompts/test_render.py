"""The chat template: the model's own, rendered as transformers renders it, and safe."""

import pytest

from lemmata.errors import BadInput, ModelRefused
from lemmata.prompts.render import ChatTemplate
from lemmata.types import Message

CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
CONVERSATION = (Message("system", "s"), Message("user", "x + y < 3 & 你好"))


def test_render_opens_the_assistants_turn():
    text = ChatTemplate(CHATML).render(CONVERSATION)
    assert text == (
        "<|im_start|>system\ns<|im_end|>\n<|im_start|>user\nx + y < 3 & 你好<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


def test_render_can_leave_the_turn_closed():
    assert not ChatTemplate(CHATML).render(CONVERSATION, generation=False).endswith("assistant\n")


def test_special_tokens_reach_the_template():
    template = ChatTemplate(
        "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}", "<s>", "</s>"
    )
    assert template.render((Message("user", "a"),)) == "<s>a</s>"


def test_generation_marks_print_their_content():
    template = ChatTemplate("{% generation %}{{ messages[0].content }}{% endgeneration %}!")
    assert template.render((Message("user", "a"),)) == "a!"


def test_tojson_keeps_chinese_and_angle_brackets():
    template = ChatTemplate("{{ messages[0].content | tojson }}")
    assert template.render((Message("user", "<你>"),)) == '"<你>"'


def test_refusal_of_the_template_reaches_the_person():
    template = ChatTemplate("{{ raise_exception('only user turns') }}")
    with pytest.raises(BadInput, match="only user turns"):
        template.render(CONVERSATION)


@pytest.mark.parametrize("source", ["{% for %}", "{{ missing.field.deeper }}"])
def test_broken_template_is_a_refused_model(source):
    with pytest.raises(ModelRefused, match="chat template"):
        ChatTemplate(source).render(CONVERSATION)


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.append(1) }}",
        "{{ raise_exception.__globals__.items() }}",
    ],
)
def test_template_of_an_untrusted_model_cannot_reach_python(attack):
    with pytest.raises(ModelRefused):
        ChatTemplate(attack).render(CONVERSATION)


def test_hash_follows_the_source():
    assert ChatTemplate("a").sha256 != ChatTemplate("b").sha256
    assert ChatTemplate("a", "x").sha256 == ChatTemplate("a", "y").sha256


@pytest.mark.train
def test_same_text_as_transformers():
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()))
    conversation = [{"role": m.role, "content": m.content} for m in CONVERSATION]
    expected = tokenizer.apply_chat_template(
        conversation, chat_template=CHATML, tokenize=False, add_generation_prompt=True
    )
    assert ChatTemplate(CHATML).render(CONVERSATION) == expected
