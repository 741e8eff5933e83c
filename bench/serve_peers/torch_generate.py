"""transformers' generate with PEFT: one batch, each row on its own adapter."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lemmata.types import AdapterRef
from serve_peers.record import THREADS, Job, Record

_WORKER = """
import json, sys, time
import torch, transformers
from peft import PeftModel
from transformers import AutoModelForCausalLM, StoppingCriteria
threads, base, *folders = sys.argv[1:]
torch.set_num_threads(int(threads))
transformers.logging.set_verbosity_error()
model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
for number, folder in enumerate(folders):
    if number:
        model.load_adapter(folder, str(number))
    else:
        model = PeftModel.from_pretrained(model, folder, "0")
model.eval()
class First(StoppingCriteria):
    def __call__(self, ids, scores, **_):
        self.at = getattr(self, "at", None) or time.perf_counter()
        return torch.zeros(ids.shape[0], dtype=torch.bool)
print("ready", flush=True)
for line in sys.stdin:
    jobs = json.loads(line)
    ids = torch.tensor([prompt for prompt, _, _ in jobs])
    names = ["__base__" if adapter is None else str(adapter) for _, adapter, _ in jobs]
    first, length, started = First(), jobs[0][2], time.perf_counter()
    with torch.inference_mode():
        out = model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), adapter_names=names,
            max_new_tokens=length, do_sample=False, stopping_criteria=[first], pad_token_id=0,
        )
    ended = time.perf_counter()
    written = out[:, ids.shape[1]:]
    counts = [int((row != 0).sum()) for row in written]
    print(json.dumps([first.at - started, ended - started, counts]), flush=True)
"""


class TorchGenerate:
    """In a process of its own; prompts of one call are of one length."""

    name = "transformers+PEFT"

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, jobs: Sequence[Job]) -> list[Record]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(jobs) + "\n")
        self._process.stdin.flush()
        first, end, counts = json.loads(self._process.stdout.readline())
        return [Record(first, end, count) for count in counts]


@contextmanager
def open_torch(hf_dir: Path, refs: Sequence[AdapterRef]) -> Iterator[TorchGenerate]:
    words: list[Any] = [sys.executable, "-c", _WORKER, str(THREADS), str(hf_dir)]
    with subprocess.Popen(
        [*words, *(str(ref.path) for ref in refs)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError("transformers and PEFT are not there: pip install 'lemmata[train]'")
        yield TorchGenerate(process)
        process.kill()
