"""How the embedded engine is opened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from lemmata.errors import BadInput


@dataclass(frozen=True, slots=True)
class Options:
    """Sizes and limits. Cells are tokens of key-value cache, shared by all requests."""

    threads: int = 2
    cells: int = 16_384
    """A token of VibeThinker-1.5B takes 28 KiB of cache at f16, of SmolLM2-135M 22 KiB."""
    context: int | None = None
    """Most tokens of one request; None: what the model was trained for, at most `cells`."""
    running: int = 32
    """Requests that decode at once; the others wait."""
    sequences: int = 64
    """At least as many as run; libllama knows at most 256."""
    chunk: int = 512
    """Most tokens in one decode call."""
    slice_steps: int = 16
    """Steps before another adapter's turn. A change costs libllama a new plan of its graph, about
    half a step of the default model; bench/slices.py sets that against how long others wait."""
    resident: int = 32
    """Adapters in memory; the others are read again when a request names them."""
    prefix_mb: int = 512
    """MiB for what finished requests computed, about 20 KiB a token; 0: nothing is kept."""
    draft: int | None = None
    """Tokens guessed from the text so far and decoded at once; None: as many as measure fastest,
    0: none. The tokens that come are the same."""
    contexts: int = 2
    """Contexts that decode side by side on a CPU of as many threads. Those after the first are made
    when they are wanted, and hold a quarter of the cells."""
    kv: Literal["f16", "q8_0"] = "f16"
    """q4_0 is not offered: it turns this family's output into garbage."""
    gpu_layers: int = -1
    """-1: all, where the installed libllama has a GPU backend."""
    smoke: bool = True
    """Try a few tokens at open, and refuse a model whose weights are broken."""

    def __post_init__(self) -> None:
        """Raises BadInput where a decode call could not hold one token of each request."""
        if not 1 <= self.running <= min(self.chunk, self.sequences, 256):
            raise BadInput(
                f"{self.running} requests cannot decode at once in {self.sequences} sequences and "
                f"calls of {self.chunk} tokens",
                "Give at least as many of both.",
            )

    def beside(self) -> Options:
        """How a context beside the first is opened."""
        return replace(self, cells=self.cells // 4)
