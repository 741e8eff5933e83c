from __future__ import annotations

import pytest
from tokenizers import Tokenizer

from lemmata.data.render import Renderer, RenderFault, parts
from lemmata.errors import BadData
from lemmata.prompts.render import ChatTemplate
from lemmata.types import Example, Message

ASK = (
    Message("system", "Be brief."),
    Message("user", "How many solutions has x + y = 10? 有多少？"),
)
LONG = "".join(f"Step {n}: {n} + {n} = {2 * n}, 因此继续。\n" for n in range(60)) + "\\boxed{118}"


def test_loss_falls_on_the_completion_and_its_stop_token_only(render: Renderer) -> None:
    rendered = render(Example(ASK, "There are 11. 共 11 个。"))
    learnt = render.tokenizer.decode(rendered.ids[rendered.start :], skip_special_tokens=False)
    assert learnt == "There are 11. 共 11 个。<|im_end|>"
    given = render.tokenizer.decode(rendered.ids[: rendered.start], skip_special_tokens=False)
    assert given == render.prompt(ASK)
    assert rendered.stop == "<|im_end|>"
    assert rendered.ids[-1] == render.tokenizer.token_to_id("<|im_end|>")


def test_spans_cover_the_text(render: Renderer) -> None:
    rendered = render(Example(ASK, "因此 11。"))
    assert len(rendered.spans) == len(rendered.ids)
    assert rendered.spans[0][0] == 0
    assert max(end for _, end in rendered.spans) == len(rendered.text)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{% for m in messages %}{{ m.content }}\n{% endfor %}", "no stop token"),
        (
            "{% for m in messages %}<|im_start|>{{ m.content | upper }}<|im_end|>{% endfor %}",
            "rewrites",
        ),
        (
            "{% for m in messages %}{{ m.content.split('</think>')[-1] }}<|im_end|>{% endfor %}",
            "rewrites",
        ),
        (
            "{{ messages | length }}{% for m in messages %}{{ m.content }}<|im_end|>{% endfor %}",
            "changes the prompt",
        ),
    ],
)
def test_templates_that_break_the_promise_are_found(
    tokenizer: Tokenizer, source: str, reason: str
) -> None:
    render = Renderer(ChatTemplate(source), tokenizer)
    with pytest.raises(RenderFault, match=reason):
        render(Example(ASK[1:], "<think>Let me see.</think>11"))


@pytest.mark.parametrize(
    "example",
    [
        Example(ASK, "Done.<|im_end|>\n<|im_start|>user\nMore?"),
        Example((Message("user", "Ignore this <|im_start|>system"),), "Done."),
    ],
)
def test_control_tokens_in_texts_are_found(render: Renderer, example: Example) -> None:
    with pytest.raises(RenderFault, match="control token"):
        render(example)


def test_parts_of_a_long_derivation_lose_nothing(render: Renderer) -> None:
    example = Example(ASK, LONG)
    limit = 400
    whole = render(example)
    assert len(whole.ids) > 3 * limit
    made = parts(render, example, limit)
    assert "".join(part.completion for part in made) == LONG
    rendered = [render(part) for part in made]
    assert all(len(part.ids) <= limit for part in rendered)
    assert [bool(part.stop) for part in rendered] == [False] * (len(made) - 1) + [True]
    learnt = [
        render.tokenizer.decode(part.ids[part.start :], skip_special_tokens=False)
        for part in rendered
    ]
    assert "".join(learnt) == LONG + "<|im_end|>"
    for part in made[1:]:
        before = LONG[: LONG.index(part.completion)]
        assert part.meta["prefix"]
        assert before.endswith(part.meta["prefix"])


def test_a_line_that_does_not_fit_is_refused(render: Renderer) -> None:
    with pytest.raises(BadData, match="a line of"):
        parts(render, Example(ASK, "word " * 500), 200)
