from __future__ import annotations

from collections.abc import Sequence

import pytest

from lemmata.data import audit
from lemmata.data.audit import Auditor, Serving
from lemmata.data.render import Renderer
from lemmata.data.row import RowRefused, Sample
from lemmata.errors import BadData
from lemmata.prompts.render import ChatTemplate
from lemmata.types import Example, Message

ASK = (Message("user", "How many solutions has x + y = 10?"),)
LONG = "".join(f"Step {n}: {n} + {n} = {2 * n}.\n" for n in range(80))


def row(completion: str, line: int = 1) -> Sample:
    return Sample("rows", line, Example(ASK, completion))


def serving(render: Renderer) -> Serving:
    def prompt_ids(messages: Sequence[Message]) -> list[int]:
        return render.tokenizer.encode(render.prompt(messages)).ids

    return Serving(prompt_ids, lambda text: render.tokenizer.encode(text).ids)


def test_a_sound_row_passes_and_is_measured(render: Renderer) -> None:
    auditor = Auditor(render, 200, serving=serving(render))
    assert auditor.pass_on(row("There are 11.")) == [row("There are 11.")]
    auditor.findings.refuse()
    about = auditor.about()
    assert about["tokens"] == about["longest"] == len(render(row("There are 11.").example).ids)
    assert 0 < about["learnt_tokens"] < about["tokens"]


def test_long_rows_are_fatal_unless_told_otherwise(render: Renderer) -> None:
    auditor = Auditor(render, 200)
    assert auditor.pass_on(row(LONG, 7)) == []
    with pytest.raises(BadData, match=r"over the length limit \(rows:7: \d+ tokens, limit 200\)"):
        auditor.findings.refuse()
    with pytest.raises(RowRefused, match="over the length limit"):
        Auditor(render, 200, "drop").pass_on(row(LONG))
    splitting = Auditor(render, 200, "split")
    made = splitting.pass_on(row(LONG))
    assert "".join(sample.example.completion for sample in made) == LONG
    splitting.findings.refuse()
    assert splitting.about()["rows_split"] == 1


def test_a_line_too_long_to_split_is_fatal(render: Renderer) -> None:
    auditor = Auditor(render, 200, "split")
    assert auditor.pass_on(row("word " * 400)) == []
    with pytest.raises(BadData, match="a line of"):
        auditor.findings.refuse()


@pytest.mark.parametrize("completion", ["<think>\n\n</think>\n11", "<THINK></THINK>11"])
def test_empty_think_blocks_are_fatal(render: Renderer, completion: str) -> None:
    auditor = Auditor(render, 200)
    assert auditor.pass_on(row(completion)) == []
    assert auditor.findings.counts == {audit.EMPTY_THINK: 1}


def test_empty_think_blocks_of_the_template_are_fatal(render: Renderer) -> None:
    source = (
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ '<think>\n\n</think>\n' if "
        "m.role == 'assistant' }}{{ m.content }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n\n</think>\n{% endif %}"
    )
    auditor = Auditor(Renderer(ChatTemplate(source), render.tokenizer), 200)
    assert auditor.pass_on(row("There are 11.")) == []
    assert auditor.findings.counts == {audit.EMPTY_THINK: 1}
    assert "by the template" in auditor.findings.places[audit.EMPTY_THINK][0]


def test_a_missing_stop_token_is_fatal(render: Renderer) -> None:
    template = ChatTemplate("{% for m in messages %}{{ m.content }}\n{% endfor %}")
    auditor = Auditor(Renderer(template, render.tokenizer), 200)
    assert auditor.pass_on(row("There are 11.")) == []
    with pytest.raises(BadData, match="no stop token"):
        auditor.findings.refuse()


def test_other_ids_in_serving_are_fatal_and_located(render: Renderer) -> None:
    right = serving(render)
    wrong = Serving(right.prompt_ids, lambda text: right.tokenize(text.replace("11", "12")))
    auditor = Auditor(render, 200, serving=wrong)
    assert auditor.pass_on(row("There are 11.")) == []
    assert "near" in auditor.findings.places[audit.SERVING][0]
    extra = Serving(lambda messages: [0, *right.prompt_ids(messages)], right.tokenize)
    assert Auditor(render, 200, serving=extra).pass_on(row("There are 11.")) == []
