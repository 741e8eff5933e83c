"""A GGUF in a smaller precision, by libllama's own quantiser.

It runs in a process of its own (`python -m lemmata.models.quantise`), since a call into libllama
can be neither interrupted nor survived if it aborts, and since what it says while it works, a line
a tensor, is the only progress there is.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from gguf.constants import LlamaFileType

from lemmata.errors import BadInput, ModelRefused
from lemmata.models.progress import Progress, silent

QUANTS = {"q8_0": LlamaFileType.MOSTLY_Q8_0, "q4_k_m": LlamaFileType.MOSTLY_Q4_K_M}
_STEP = re.compile(r"\[\s*(\d+)/\s*(\d+)\]")


def quantise(
    source: Path,
    target: Path,
    quant: str,
    threads: int,
    progress: Progress = silent,
    hub_id: str = "",
) -> None:
    """Write `target`, whose folder the caller owns. The caller has validated `source`; `hub_id` is
    written into the file where it is given, so that the file says by itself whose weights it has.

    Raises BadInput for a quantisation that is not in QUANTS, ModelRefused where libllama declines.
    """
    if quant not in QUANTS:
        raise BadInput(f"there is no quantisation {quant!r}", f"Known: {', '.join(QUANTS)}.")
    words = [str(source), str(target), str(int(QUANTS[quant])), str(threads), hub_id]
    with subprocess.Popen(  # noqa: S603 - our own module on our own files
        [sys.executable, "-m", "lemmata.models.quantise", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as child:
        try:
            last = _follow(child, quant, progress)
        finally:
            child.kill()
    if child.returncode:
        raise ModelRefused(f"libllama cannot bring {source.name} to {quant} ({last[:160]})")


def _follow(child: subprocess.Popen[str], quant: str, progress: Progress) -> str:
    """Report until it ends; gives its last line."""
    assert child.stderr is not None
    line = ""
    for line in child.stderr:
        step = _STEP.search(line)
        if step:
            progress(f"quantising to {quant}", int(step[1]), int(step[2]))
    child.wait()
    return line.strip()


def main(source: str, target: str, kind: str, threads: str, hub_id: str) -> int:
    """Quantise; 0 for success. Memory: as many rows at once as libllama likes."""
    import ctypes

    import llama_cpp

    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype, parameters.nthread = int(kind), int(threads)
    parameters.allow_requantize = True  # whether it makes sense is settled by `conversion`
    overrides = (llama_cpp.llama_model_kv_override * 2)()  # the second one, empty, ends the list
    if hub_id:
        overrides[0].tag = llama_cpp.LLAMA_KV_OVERRIDE_TYPE_STR
        overrides[0].key = b"general.source.repo_url"
        overrides[0].value.val_str = f"https://huggingface.co/{hub_id}".encode()
        parameters.kv_overrides = overrides
    return int(
        llama_cpp.llama_model_quantize(source.encode(), target.encode(), ctypes.byref(parameters))
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
