"""The adapter as it is at a moment of training, written as it would be served."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from lemmata.adapters import canonical, fingerprint
from lemmata.adapters.manifest import Manifest
from lemmata.models.stored import StoredModel
from lemmata.train import base_model
from lemmata.train.base_model import Model
from lemmata.train.ready import Run
from lemmata.train.recipe import as_fields


def _hub_revision(stored: StoredModel) -> str | None:
    """PEFT and vLLM ask the hub for this revision, which other sources do not know."""
    return stored.revision if stored.source.startswith("hf:") else None


def export(run: Run, model: Model, folder: Path) -> None:
    """Write the adapter as it is now, canonical and in bf16, with where it comes from."""
    recipe = run.recipe
    about = Manifest(
        base=run.stored.id,
        base_revision=_hub_revision(run.stored),
        base_fingerprint=fingerprint.of_gguf(run.stored.gguf),
        tokenizer_sha256=run.tokenizer_sha256,
        template_sha256=run.template.sha256,
        data_sha256=run.rows.sha256,
        recipe=as_fields(recipe),
        description=recipe.description,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    adapter = base_model.exported(model, recipe)
    tensors = {name: value.numpy() for name, value in adapter.tensors.items()}
    canonical.save(
        folder,
        tensors,
        rank=adapter.rank,
        alpha=adapter.alpha,
        about=about,
    )
