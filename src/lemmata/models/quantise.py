"""A GGUF in a smaller precision, by libllama's own quantiser."""

from __future__ import annotations

import ctypes
from pathlib import Path

import llama_cpp
from gguf.constants import LlamaFileType

from lemmata.errors import BadInput, ModelRefused
from lemmata.models.progress import Progress, silent

QUANTS = {"q8_0": LlamaFileType.MOSTLY_Q8_0, "q4_k_m": LlamaFileType.MOSTLY_Q4_K_M}


def quantise(
    source: Path, target: Path, quant: str, threads: int, progress: Progress = silent
) -> None:
    """Write `target`. `quant`: a key of QUANTS. The caller has validated `source`.

    Raises BadInput for another quant, ModelRefused where libllama declines.
    """
    if quant not in QUANTS:
        raise BadInput(f"there is no quantisation {quant!r}", f"Known: {', '.join(QUANTS)}.")
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype, parameters.nthread = int(QUANTS[quant]), threads
    parameters.allow_requantize = False
    progress(f"quantising to {quant}", 0, None)
    failed = llama_cpp.llama_model_quantize(
        str(source).encode(), str(target).encode(), ctypes.byref(parameters)
    )
    if failed:
        raise ModelRefused(f"libllama cannot bring {source.name} to {quant}")
