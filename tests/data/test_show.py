from __future__ import annotations

from lemmata.data.render import Renderer
from lemmata.data.show import CLOSE, OPEN, masked, summary
from lemmata.types import Example, Message

EXAMPLE = Example((Message("user", "几个？"),), "共 𝟏𝟏 个，因此 11。")


def test_the_mask_is_plain_without_colours_and_the_text_whole(render: Renderer) -> None:
    rendered = render(EXAMPLE)
    plain = masked(rendered).plain
    assert plain == f"{render.prompt(EXAMPLE.messages)}{OPEN}{EXAMPLE.completion}<|im_end|>{CLOSE}"


def test_colours_tell_given_learnt_and_stop(render: Renderer) -> None:
    rendered = render(EXAMPLE)
    text = masked(rendered)
    styles = {str(span.style): text.plain[span.start : span.end] for span in text.spans}
    assert "几" not in styles["green"]
    assert styles["bold black on green"] == "<|im_end|>"
    assert any("几" in text.plain[s.start : s.end] for s in text.spans if s.style == "dim")


def test_the_summary_counts(render: Renderer) -> None:
    rendered = render(EXAMPLE)
    learnt = len(rendered.ids) - rendered.start
    assert f"{len(rendered.ids)} tokens" in summary(rendered)
    assert f"{learnt} learnt, ends with <|im_end|>" in summary(rendered)
