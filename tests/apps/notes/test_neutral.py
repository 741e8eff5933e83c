"""What a model writes must not act in a note."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lemmata.apps.notes.neutral import inline, lines

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
ACTIVE = {
    "html_block", "html_inline", "link_open", "image", "code_inline", "code_block", "heading_open",
}  # fmt: skip
ATTACKS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<iframe src=//evil>",
    "![x](https://evil/a.png)", "![[secret]]", "[[secret]]", "[x](javascript:alert(1))",
    "[x](obsidian://run?cmd=1)", "https://evil/track", "<https://evil>", "`$= dv.pages()`",
    "`= this.file`", "`INPUT[toggle:x]`", "```dataviewjs\ndv.pages()\n```", "~~~js-engine\nx\n~~~",
    "```dataview\nLIST\n```", "```query\nx\n```", "````\n```\nx", "<% tp.system.prompt() %>",
    "<%* app.vault.delete() %>", "{{date}}", "{%x%}", "key:: value", "[key:: value]", "%%hidden%%",
    "text ^block-id", "^alone", "#tag", "- [ ] task", "* [ ] task", "==mark==", "~~gone~~",
    "$\\href{javascript:alert(1)}{x}$", "$\\require{html}$", "$$\\style{x}{y}$$", "$[a](b)$",
    "$\\def\\x{}$", "$a$[[b]]$c$", "\\[ [[x]] \\]", "\\(<img src=x>\\)", "$<% tp %>$", "a$$b$$c",
    "> [!danger]+ x", "---\ncssclass: x\n---", "# Heading", "    code", "\tcode", "a\u2028# b",
    "a\rb\r\n# c", "&lt;script&gt;", "&#91;&#91;x]]", "\\[[x]]", "\\\\[[x]]", "\u202edetsrever",
    "| a | b |\n|---|---|\n| ![[x]] | y |", "[ref]: https://evil\n\n[ref]", "www.evil.example",
    "```python\n<% x %>\n```", "```cpp title=\"x\"\na::b\n```", "***", "![\n](x)", "[^1]: note",
    "#", "# # x", "## #",
)  # fmt: skip


def _harmless(text: str) -> None:
    out = ["[!lemmata] x", *lines(text)]
    assert all("\n" not in line and "\r" not in line for line in out)
    note = "\n".join(f"> {line}" for line in out) + "\n"
    stack = READER.parse(note)
    assert [token.type for token in stack if token.level == 0] == [
        "blockquote_open", "blockquote_close",
    ]  # fmt: skip
    for token in stack:
        for one in (token, *(token.children or ())):
            assert one.type not in ACTIVE, (one.type, note)
            if one.type == "fence":
                assert one.info in ("python", "cpp", "text"), note
    assert "<%" not in note, note
    prose = re.sub(r"^> (`{3,}).*?^> \1$", "", note, flags=re.S | re.M)[len("> [!lemmata]") :]
    for sign in ("[[", "![", "%%", "{{", "{%", "::", "://", "`", "<", "=="):
        assert sign not in prose, (sign, note)
    assert not re.search(r"(?:^|\s)\^[A-Za-z0-9-]+\s*$", prose, re.M), note
    assert not re.search(r"(?<!\\)#\w", prose), note
    assert not re.search(r"(?<!\\)\]\(", prose), note


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks(text: str) -> None:
    _harmless(text)
    _harmless(f"Before {text} after\n{text}\n\n{text}")


_PARTS = st.sampled_from([*ATTACKS, "\n", " ", "$", "$$", "\\", "`", "```", "[", "]", "<", "x"])


@settings(max_examples=300, deadline=None)
@given(st.lists(_PARTS, max_size=8).map("".join) | st.text(max_size=60))
def test_no_mixture_of_them_acts(text: str) -> None:
    _harmless(text)


def test_mathematics_and_programs_stay() -> None:
    assert inline(r"So \(x < 2\) and $\frac{{a}}{b}$: 4 + 9 = 13.") == (
        r"So $x \lt  2$ and $\frac{ {a} }{b}$: 4 + 9 = 13."
    )
    assert lines("\\[\na^2\n+ b\n\\]") == ["$$a^2 + b$$"]
    code = "if a < b:\n    print('[[x]]')"
    assert lines(f"Run:\n```python\n{code}\n```") == ["Run:", "```python", *code.split("\n"), "```"]
    assert inline("**Step 1.** 3 * 4 = 12, costs $5") == r"**Step 1.** 3 \* 4 = 12, costs \$5"
