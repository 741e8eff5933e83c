"""Rows of a recipe: framed as `data prepare` frames them, whole, and by source."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from lemmata.data.examples import to_line
from lemmata.data.framing import frame
from lemmata.data.render import Renderer, parts
from lemmata.errors import BadData, BadRecipe
from lemmata.models import gguf_read
from lemmata.prompts.render import ChatTemplate
from lemmata.train import samples
from lemmata.train.recipe import from_fields
from lemmata.types import Example, Message

pytestmark = [pytest.mark.train, pytest.mark.model]

LONG = "\n".join(f"{n} + {n} = {2 * n}" for n in range(1, 40)) + "\n\\boxed{78}"


@pytest.fixture(scope="module")
def load(default_model, default_hf_dir: Path):
    template = ChatTemplate(*gguf_read.chat_template(default_model.gguf))
    tokenizer = Tokenizer.from_file(str(default_hf_dir / "tokenizer.json"))

    def loaded(**fields):
        recipe = from_fields({"name": "mine", **fields})
        return samples.load(recipe, template, tokenizer)

    loaded.render = Renderer(template, tokenizer)
    return loaded


def row(text: str, **meta) -> Example:
    return Example((Message("user", text),), "1 + 1 = 2\n\\boxed{2}", meta)


def written(path: Path, *rows: Example) -> str:
    path.write_text("".join(to_line(each) for each in rows), encoding="utf-8")
    return str(path)


def test_sources_say_which_rows_are_theirs_and_what_was_seen(load, tmp_path):
    first = written(tmp_path / "a.jsonl", row("Add 1 and 1."), row("Add  it."))
    second = written(tmp_path / "b.jsonl", row("And again.", group="sums {2}"))
    loaded = load(data=first, stages=[{"name": "more", "data": [first, second]}])
    assert loaded.sources == {first: range(2), second: range(2, 3)}
    assert loaded.seen == {"Add 1 and 1.", "Add it.", "sums {2}"}


def test_a_row_is_framed_as_preparing_frames_it_and_never_twice(load, tmp_path):
    bare = row("Add 1 and 1.", task="counting")
    plain = load(data=written(tmp_path / "a.jsonl", bare))
    ready = load(data=written(tmp_path / "b.jsonl", frame(bare, None)))
    assert plain.rows == ready.rows


def test_a_file_prepared_for_another_role_is_refused(load, tmp_path):
    path = written(tmp_path / "a.jsonl", frame(row("Add 1 and 1."), "math"))
    with pytest.raises(BadRecipe, match="in the role 'math', the recipe says 'combinatorics'"):
        load(data=path, role="combinatorics")


def test_the_parts_of_a_split_row_are_learnt_once_and_only_the_last_one_stops(load, tmp_path):
    framed = frame(Example((Message("user", "Add."),), LONG, {}), "none")
    whole = load.render(framed)
    made = parts(load.render, framed, 300)
    loaded = load(data=written(tmp_path / "a.jsonl", *made), max_tokens=300)
    assert len(loaded.rows) == len(made) > 1
    learnt = [row.ids[row.start :] for row in loaded.rows]
    stop = whole.ids[-1]
    assert [ids[-1] == stop for ids in learnt] == [False] * (len(made) - 1) + [True]
    assert [one for ids in learnt for one in ids] == whole.ids[whole.start :]
    assert all(len(row.steps) == len(row.ids) - row.start for row in loaded.rows)


def test_an_empty_source_is_refused_by_its_name(load, tmp_path):
    (tmp_path / "empty.jsonl").touch()
    full = written(tmp_path / "a.jsonl", row("Add 1 and 1."))
    with pytest.raises(BadData, match=r"empty\.jsonl has no rows"):
        load(data=[full, str(tmp_path / "empty.jsonl")])


def test_a_broken_row_names_its_line(load, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(to_line(row("Add.")) + json.dumps({"completion": "2"}) + "\n")
    with pytest.raises(BadData, match=r"a\.jsonl:2: "):
        load(data=str(path))
