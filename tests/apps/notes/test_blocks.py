from __future__ import annotations

from lemmata.apps.notes.blocks import blocks, name_of, prose, with_id
from lemmata.apps.notes.links import Resolver, links

NOTE = """---
title: x
---
# Head

One paragraph
of two lines. ^one

- an item ^item
- [ ] a task
  with more
- a parent
  - a child ^child

```python
# Not a heading
[[no link]]
```

^code

> quote

| a | b |
|---|---|
| 1 | 2 |
"""


def test_blocks_have_kinds_lines_and_ids() -> None:
    found = blocks(NOTE)
    assert [(one.kind, one.id) for one in found] == [
        ("heading", ""), ("paragraph", "one"), ("item", "item"), ("item", ""), ("item", ""),
        ("code", "code"), ("quote", ""), ("table", ""),
    ]  # fmt: skip
    lines = NOTE.split("\n")
    for one in found:
        assert "\n".join(lines[one.first : one.last]).startswith(one.text)
        assert one.heading == "Head"
    assert prose(found[1]) == "One paragraph\nof two lines."
    assert prose(found[3]) == "a task\n  with more"
    parent = found[4]
    assert f"- a parent ^{name_of(parent)}\n  - a child ^child\n" in with_id(NOTE, parent)


def test_ids_are_written_once_and_found_again() -> None:
    text = NOTE
    for number in range(len(blocks(NOTE))):
        text = with_id(text, blocks(text)[number])
        assert with_id(text, blocks(text)[number]) == text
    for before, after in zip(blocks(NOTE), blocks(text), strict=True):
        assert prose(before) == prose(after)
        if before.kind != "heading":
            assert after.id == name_of(before)


def test_links_outside_code_only() -> None:
    text = (
        "[[A]] ![[B#^id|shown]] `[[C]]` [x](my%20note.md#Part) [y](http://a.b) [[#here]]\n"
        "```\n[[D]]\n```\n[[E|e]]"
    )
    assert [(link.target, link.sub, link.embed, link.line) for link in links(text)] == [
        ("A", "", False, 0), ("B", "^id", True, 0), ("my note.md", "Part", False, 0),
        ("", "here", False, 0), ("E", "", False, 4),
    ]  # fmt: skip


def test_links_resolve_as_in_obsidian() -> None:
    resolver = Resolver(["Note.md", "a/Note.md", "a/b/Other.md", "c/Other.md", "c/Note.md"])
    assert resolver.note("Note", "x.md") == "Note.md"
    assert resolver.note("note", "a/x.md") == "Note.md", "a path from the root comes first"
    assert resolver.note("Other", "a/b/x.md") == "a/b/Other.md"
    assert resolver.note("b/Other", "x.md") == "a/b/Other.md"
    assert resolver.note("Other", "x.md") == "c/Other.md"
    assert resolver.note("../c/Note", "a/x.md") == "c/Note.md"
    assert resolver.note("", "x.md") == "x.md"
    assert resolver.note("Nobody", "x.md") is None


def test_a_lone_carriage_return_ends_no_line() -> None:
    assert [(b.first, b.last) for b in blocks("\r\r\r\rx\n\n- a\rb\r\n- c")] == [
        (0, 1),
        (2, 3),
        (3, 4),
    ]
