"""The rows of a recipe, rendered as serving will see them, with what the manifest says of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from lemmata.data import examples
from lemmata.data.audit import Auditor
from lemmata.data.framing import frame
from lemmata.data.render import Rendered, Renderer
from lemmata.data.row import Sample
from lemmata.data.tally import Tally
from lemmata.data.tasks import TaskSource
from lemmata.errors import BadData, BadRecipe
from lemmata.models import gguf_read
from lemmata.models.stored import StoredModel
from lemmata.prompts.render import ChatTemplate
from lemmata.train.plan import read_shape
from lemmata.train.recipe import Recipe
from lemmata.train.rows import Row
from lemmata.types import Example


@dataclass(frozen=True, slots=True)
class Samples:
    """Token rows in reading order; `about` is the data manifest, `sha256` the hash of all ids.

    `sources` says which row numbers each source of the recipe gave, `seen` what they are about
    (`about_what`): no problem that a gate asks may be among it.
    """

    rows: tuple[Row, ...]
    about: dict[str, Any]
    sha256: str
    sources: Mapping[str, range]
    seen: frozenset[str]


def load(recipe: Recipe, template: ChatTemplate, tokenizer: Tokenizer) -> Samples:
    """Read, frame, render and audit. Raises BadData: rows are never cut or silently left out."""
    auditor = Auditor(Renderer(template, tokenizer), recipe.max_tokens)
    rows: list[Row] = []
    sources, spans = [], {}
    seen: set[str] = set()
    for name in named(recipe):
        before = len(rows)
        for sample in read(name, recipe):
            framed = Sample(sample.source, sample.line, _framed(recipe, sample))
            seen.add(about_what(sample.example))
            for kept in auditor.pass_on(framed):
                rendered = auditor.render(kept.example)
                rows.append(row_of(rendered))
        spans[name] = range(before, len(rows))
        sources.append({"source": name, "rows": len(rows) - before} | _file_hash(name))
    auditor.findings.refuse()
    for name, span in spans.items():
        if not span:
            raise BadData(f"{name} has no rows", "Give a file with rows, or a task.")
    digest = hashlib.sha256(json.dumps([[row.ids, row.start] for row in rows]).encode()).hexdigest()
    about = {"sha256": digest, "sources": sources, "kept": len(rows), "dropped": 0, "truncated": 0}
    about |= {"audit": auditor.about()}
    return Samples(tuple(rows), about, digest, spans, frozenset(seen))


def named(recipe: Recipe) -> tuple[str, ...]:
    """Every source that rows come from, each once: the data, the stages', what is replayed."""
    stages = (name for stage in recipe.stages for name in stage.data)
    return tuple(dict.fromkeys((*recipe.data, *stages, *recipe.replay)))


def about_what(example: Example) -> str:
    """What a row is about: the instance of a machine-made problem, else the problem's words."""
    return str(example.meta.get("group") or " ".join(examples.problem(example).split()))


def row_of(rendered: Rendered) -> Row:
    """The row of a rendered sample. A step is a line of the derivation; a token is of the step in
    which its last character stands, so a line has its own end and the last one the stop token."""
    text, spans = rendered.text, rendered.spans
    begun = spans[rendered.start][0]
    ends = [max(begun, end - 1) for _, end in spans[rendered.start :]]
    lines = [text.count("\n", begun, end) for end in ends]
    numbers = {line: number for number, line in enumerate(sorted(set(lines)))}
    return Row(tuple(rendered.ids), rendered.start, tuple(numbers[line] for line in lines))


def of_model(recipe: Recipe, stored: StoredModel, folder: Path) -> Samples:
    """The same for a stored model and its Hugging Face folder. Raises BadRecipe where rows may be
    longer than the base can read."""
    positions = read_shape(folder).positions
    if positions is not None and recipe.max_tokens > positions:
        raise BadRecipe(
            f"max_tokens is {recipe.max_tokens} and {stored.name} reads {positions} tokens",
            f"Say max_tokens={positions} or less.",
        )
    template = ChatTemplate(*gguf_read.chat_template(stored.gguf))
    return load(recipe, template, Tokenizer.from_file(str(folder / "tokenizer.json")))


def _framed(recipe: Recipe, sample: Sample) -> Example:
    """The row in its role, as `lemmata data prepare` frames it. Raises BadRecipe where it was
    prepared for another role: the adapter would be served in one that it never saw."""
    framed = frame(sample.example, recipe.role)
    if recipe.role and framed.meta.get("role", recipe.role) != recipe.role:
        raise BadRecipe(
            f"{sample.place} was prepared in the role {framed.meta['role']!r}, the recipe says "
            f"{recipe.role!r}",
            "Leave `role` out, or prepare the data again with --role.",
        )
    return framed


def read(name: str, recipe: Recipe) -> Iterator[Sample]:
    """The samples of one source of a recipe, as they lie there. Raises BadData."""
    if name.startswith("task:"):
        for source in TaskSource.open(name, recipe.data_seed, recipe.languages):
            # As the recipe lists them: a language named twice comes up twice as often.
            yield from replace(source, languages=recipe.languages).samples(Tally())
        return
    path = Path(name)
    if path.is_dir():
        raise BadData(f"{path} is a folder", "Name the file in it, as in data=FOLDER/train.jsonl.")
    if not path.is_file():
        raise BadData(f"there is no data file {path}", "Make it: lemmata data prepare.")
    for line, example in enumerate(examples.load(path), 1):
        yield Sample(path.name, line, example)


def _file_hash(name: str) -> dict[str, str]:
    if name.startswith("task:"):
        return {}
    return {"sha256": hashlib.sha256(Path(name).read_bytes()).hexdigest()}
