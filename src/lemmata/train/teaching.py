"""Soft labels: a teacher says once, offline, what it thinks of every learnt token of the rows.

The teacher reads the very token ids that the student is trained on, so it must share the student's
tokenizer; which is checked and not believed. What is done lies in OUT.part until all is done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from lemmata.engines import is_remote
from lemmata.errors import BadInput
from lemmata.models.progress import Progress, silent
from lemmata.models.store import Store
from lemmata.settings import Settings
from lemmata.train import samples
from lemmata.train.objectives import labels
from lemmata.train.plan import read_shape
from lemmata.train.recipe import Recipe
from lemmata.train.rows import Row

TOP = 32
_SAVE_EVERY = 200
"""Rows between saves of what is done."""
Labels = tuple[NDArray[np.int32], NDArray[np.float32]]
"""Tokens and natural log-probabilities of the k likeliest at each learnt position, [learnt, k]."""
Teacher = Callable[[Row], Labels]


@dataclass(frozen=True, slots=True)
class Taught:
    """What was written. `mass` is the mean probability that the k tokens hold together, 0 to 1."""

    path: Path
    teacher: str
    rows: int
    tokens: int
    top: int
    mass: float


def teach(
    recipe: Recipe,
    out: Path,
    settings: Settings,
    teacher: str | None = None,
    adapter: Path | None = None,
    top: int = TOP,
    progress: Progress = silent,
) -> Taught:
    """Label the recipe's rows by `teacher`: a model of the store or a path, with `adapter` where
    one is given, or the URL of an OpenAI-compatible server that gives `prompt_logprobs`; None: the
    base itself, for an anchor. Goes on where an earlier call was stopped.

    Raises BadInput where the tokenizers differ or the server cannot, BadData, UnknownModel,
    AdapterRefused, EngineDied.
    """
    _make_place(out)
    store = Store(settings)
    stored = store.get(recipe.base, progress)
    folder = store.hf_dir(stored, progress)
    rows = samples.of_model(recipe, stored, folder).rows
    tokenizer = folder / "tokenizer.json"
    named = f"{teacher or stored.id} {adapter or ''} top {top}".strip()
    digest = hashlib.sha256(tokenizer.read_bytes()).hexdigest()
    vocabulary = read_shape(folder).vocabulary
    asked = _open(recipe, teacher, adapter, tokenizer, top, store, settings, progress)
    part = out.with_name(out.name + ".part")
    before = labels.read(part, digest, vocabulary) if part.exists() else None
    if before and before.teacher != named:
        raise BadInput(f"{part} is of another teacher: {before.teacher}", "Remove it.")
    writer = labels.Writer(named, digest, top)
    mass = 0.0
    try:
        for number, row in enumerate(dict.fromkeys(rows), 1):
            known = before.of(row) if before else None
            tokens, logprobs = known or asked(row)
            writer.add(row, tokens, logprobs)
            mass += float(np.exp(logprobs.astype(np.float64)).sum())
            progress("ask the teacher", number, len(rows))
            if number % _SAVE_EVERY == 0:
                writer.write(part)
    except BaseException:
        if writer.tokens:
            writer.write(part)
        raise
    writer.write(out)
    part.unlink(missing_ok=True)
    return Taught(out, named, writer.rows, writer.tokens, top, mass / writer.tokens)


def _make_place(out: Path) -> None:
    """Before a teacher is asked for hours. Raises BadInput, OSError."""
    if out.is_dir():
        raise BadInput(
            f"{out} is a folder", f"Name a file in it, as in {out / 'labels.safetensors'}."
        )
    out.parent.mkdir(parents=True, exist_ok=True)


def _open(
    recipe: Recipe,
    named: str | None,
    adapter: Path | None,
    tokenizer: Path,
    top: int,
    store: Store,
    settings: Settings,
    progress: Progress,
) -> Teacher:
    teacher = named or recipe.base
    if is_remote(teacher):
        from lemmata.train.teach_remote import RemoteTeacher

        if adapter is not None:
            raise BadInput("a server's adapters are its own", "Name the adapter at the server.")
        student = Tokenizer.from_file(str(tokenizer))
        return RemoteTeacher(teacher, settings.engine_key, student, top)
    from lemmata.train import base_model
    from lemmata.train.teach_local import LocalTeacher

    folder = store.hf_dir(store.get(teacher, progress), progress)
    theirs = Tokenizer.from_file(str(folder / "tokenizer.json"))
    if theirs.get_vocab() != Tokenizer.from_file(str(tokenizer)).get_vocab():
        raise BadInput(
            f"{teacher} has another tokenizer than the base",
            "Soft labels are said of single tokens: take a teacher of the same family.",
        )
    return LocalTeacher(folder, adapter, top, settings.threads, base_model.precision(recipe))
