"""The base's own answers as rows: whatever a base writes, a gate goes on."""

from __future__ import annotations

import pytest
from tokenizers import Tokenizer

from lemmata.data.render import Renderer
from lemmata.prompts.render import ChatTemplate
from lemmata.train.gate_divergence import row_of_answer
from lemmata.train.measure import Answer
from lemmata.types import Message

pytestmark = [pytest.mark.train, pytest.mark.model]

ASK = (Message("user", "2+2?"),)
TRIMS = """{% for m in messages %}<|im_start|>{{ m['role'] }}
{{ m['content'] | trim }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""


@pytest.fixture
def render(tiny_base):
    template = ChatTemplate(TRIMS, "", "<|im_end|>")
    return Renderer(template, Tokenizer.from_file(str(tiny_base / "tokenizer.json")))


def learnt(render, text, finished=True):
    row = row_of_answer(render, ASK, Answer(text, finished, 3))
    return row and render.tokenizer.decode(list(row.ids[row.start :]), skip_special_tokens=False)


def test_an_answer_is_compared_to_its_end_and_a_cut_one_to_where_it_was_cut(render):
    assert learnt(render, "It is 4.") == "It is 4.<|im_end|>"
    assert learnt(render, "It is", finished=False) == "It is"


def test_an_answer_that_the_template_would_trim_is_compared_as_it_was_written(render):
    assert learnt(render, " It is 4.\n") == " It is 4.\n"


@pytest.mark.parametrize("text", ["", "4 <|im_start|>user"])
def test_nothing_and_control_tokens_are_left_out(render, text):
    assert learnt(render, text) is None
