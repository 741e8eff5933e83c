"""Canonical adapter to the GGUF LoRA that libllama loads, in milliseconds, cached by content.

Only names change, except in the `llama` architecture, whose q and k rows GGUF stores in another
order (models.tensor_names): there the rows of B follow. Shapes are checked against the base.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf import GGUFWriter

from lemmata import whole
from lemmata.adapters import canonical, fingerprint
from lemmata.adapters.weights import Floats, Projection
from lemmata.errors import AdapterRefused
from lemmata.models import tensor_names
from lemmata.models.gguf_header import Header
from lemmata.types import AdapterRef


def convert(ref: AdapterRef, base_gguf: Path, cache: Path) -> Path:
    """The GGUF LoRA of `ref` for the base in `base_gguf`, written once under `cache`.

    Raises AdapterRefused where it does not fit the base, ModelRefused for a damaged base.
    """
    header = fingerprint.header(base_gguf)
    target = cache / "gguf-lora" / f"{ref.sha256}-{header.architecture}.gguf"
    adapter = canonical.read(ref.path)
    if adapter.sha256() != ref.sha256:
        raise AdapterRefused(f"{ref.path} changed after it was registered", "Add it again.")
    check_fits(adapter, base_gguf)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(adapter, header, target)
    return target


def check_base(ref: AdapterRef, base_id: str) -> None:
    """Raises AdapterRefused where both name a base and the names differ."""
    if ref.base and base_id and ref.base.lower() != base_id.lower():
        raise AdapterRefused(
            f"adapter {ref.name} was trained on {ref.base} and the engine serves {base_id}",
            "Serve its own base model, or choose another adapter.",
        )


def check_fits(adapter: canonical.Adapter, base_gguf: Path) -> None:
    """Raises AdapterRefused for weights trained on another base, by fingerprint and by shape."""
    told = adapter.manifest.base_fingerprint
    ours = fingerprint.of_gguf(base_gguf) if told else None
    if told and ours and told != ours:
        raise AdapterRefused(
            "the adapter was trained on other weights of this base",
            "Serve the revision it names, or tune it again.",
        )
    header = fingerprint.header(base_gguf)
    for part in adapter.weights.projections:
        wanted = (part.b.shape[0], part.a.shape[1])
        name = _gguf_name(part)
        base = header.tensors.get(name)
        if base is None or base.shape != wanted:
            has = "none" if base is None else f"one of {base.shape}"
            raise AdapterRefused(f"the adapter is for another base: {name} {wanted}, here {has}")


def _gguf_name(part: Projection) -> str:
    name = tensor_names.to_gguf(part.key.removeprefix("base_model.model.") + ".weight")
    if name is None:
        raise AdapterRefused(f"{part.key} is unknown to this family")
    return name


def _write(adapter: canonical.Adapter, header: Header, target: Path) -> None:
    with whole.beside(target) as new:
        writer = GGUFWriter(new, header.architecture)
        writer.add_string("general.type", "adapter")
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", adapter.alpha)
        for part in adapter.weights.projections:
            writer.add_tensor(f"{_gguf_name(part)}.lora_a", np.ascontiguousarray(part.a))
            writer.add_tensor(f"{_gguf_name(part)}.lora_b", _rows(part, header))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()


def _rows(part: Projection, header: Header) -> Floats:
    """B with its rows in the order of the base's."""
    b: Floats = np.ascontiguousarray(part.b)
    if header.architecture != "llama" or not tensor_names.rotary(_gguf_name(part)):
        return b
    heads = header.metadata["llama.attention.head_count"]
    if part.part.endswith("k_proj"):
        heads = header.metadata.get("llama.attention.head_count_kv", heads)
    return tensor_names.interleave(b, int(heads))
