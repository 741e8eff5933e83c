"""The rows of a recipe, rendered as serving will see them, with what the manifest says of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from lemmata.data import examples
from lemmata.data.audit import Auditor
from lemmata.data.render import Rendered, Renderer
from lemmata.data.row import Sample
from lemmata.data.tally import Tally
from lemmata.data.tasks import TaskSource
from lemmata.errors import BadData
from lemmata.models import gguf_read
from lemmata.models.stored import StoredModel
from lemmata.prompts import roles
from lemmata.prompts.render import ChatTemplate
from lemmata.train.recipe import Recipe
from lemmata.train.rows import Row
from lemmata.types import Example


@dataclass(frozen=True, slots=True)
class Samples:
    """Token rows in reading order; `about` is the data manifest, `sha256` the hash of all ids."""

    rows: tuple[Row, ...]
    about: dict[str, Any]
    sha256: str


def load(recipe: Recipe, template: ChatTemplate, tokenizer: Tokenizer) -> Samples:
    """Read, frame, render and audit. Raises BadData: rows are never cut or silently left out."""
    auditor = Auditor(Renderer(template, tokenizer), recipe.max_tokens)
    rows: list[Row] = []
    sources = []
    for name in recipe.data:
        before = len(rows)
        for sample in _read(name, recipe):
            framed = Sample(sample.source, sample.line, framed_by(recipe.role, sample.example))
            for kept in auditor.pass_on(framed):
                rendered = auditor.render(kept.example)
                rows.append(row_of(rendered))
        sources.append({"source": name, "rows": len(rows) - before} | _file_hash(name))
    auditor.findings.refuse()
    if not rows:
        raise BadData("the recipe's data has no rows", "Give a file with rows, or a task.")
    digest = hashlib.sha256(json.dumps([[row.ids, row.start] for row in rows]).encode()).hexdigest()
    about = {"sha256": digest, "sources": sources, "kept": len(rows), "dropped": 0, "truncated": 0}
    return Samples(tuple(rows), about | {"audit": auditor.about()}, digest)


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
    """The same for a stored model and its Hugging Face folder."""
    template = ChatTemplate(*gguf_read.chat_template(stored.gguf))
    return load(recipe, template, Tokenizer.from_file(str(folder / "tokenizer.json")))


def framed_by(role: str | None, example: Example) -> Example:
    """The example in its role: a lone user turn gets the role's messages, as serving gives it; a
    conversation that brings more turns or its own system message stays as it is."""
    if len(example.messages) > 1:
        return example
    task = str(example.meta.get("task", "math"))
    return replace(example, messages=roles.apply(example.messages[0].content, role, task))


def _read(name: str, recipe: Recipe) -> Iterator[Sample]:
    if name.startswith("task:"):
        for source in TaskSource.open(name, recipe.data_seed, recipe.languages):
            # As the recipe lists them: a language named twice comes up twice as often.
            yield from replace(source, languages=recipe.languages).samples(Tally())
        return
    path = Path(name)
    if not path.is_file():
        raise BadData(f"there is no data file {path}", "Make it: lemmata data prepare.")
    for line, example in enumerate(examples.load(path), 1):
        yield Sample(path.name, line, example)


def _file_hash(name: str) -> dict[str, str]:
    if name.startswith("task:"):
        return {}
    return {"sha256": hashlib.sha256(Path(name).read_bytes()).hexdigest()}
