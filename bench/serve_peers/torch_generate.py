"""transformers' generate with PEFT, in the two ways that it has for several adapters."""

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
def written(jobs, **how):
    ids = torch.tensor([prompt for prompt, _, _ in jobs])
    first = First()
    with torch.inference_mode():
        out = model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=jobs[0][2],
            do_sample=False, stopping_criteria=[first], pad_token_id=0, **how,
        )
    counts = [int((row != 0).sum()) for row in out[:, ids.shape[1]:]]
    return [[first.at, time.perf_counter(), count] for count in counts]
def mixed(jobs):
    return written(jobs, adapter_names=[str(adapter) for _, adapter, _ in jobs])
def in_turns(jobs):
    found = [None] * len(jobs)
    for adapter in dict.fromkeys(adapter for _, adapter, _ in jobs):
        model.set_adapter(str(adapter))
        group = [n for n, job in enumerate(jobs) if job[1] == adapter]
        for n, record in zip(group, written([jobs[n] for n in group])):
            found[n] = record
    return found
print("ready", flush=True)
for line in sys.stdin:
    way, jobs = json.loads(line)
    started = time.perf_counter()
    records = {"mixed": mixed, "in turns": in_turns}[way](jobs)
    print(json.dumps([[f - started, e - started, n] for f, e, n in records]), flush=True)
"""


class TorchGenerate:
    """In a process of its own; prompts of one call are of one length, and each job has an adapter.
    `way`: "mixed" is one batch in which each row has its adapter (PEFT's `adapter_names`), "in
    turns" one batch for each adapter, put in force with `set_adapter`."""

    def __init__(self, process: subprocess.Popen[str], way: str) -> None:
        self._process, self._way, self.pid = process, way, process.pid
        self.name = "transformers+PEFT" + (" in turns" if way == "in turns" else "")

    def run(self, jobs: Sequence[Job]) -> list[Record]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([self._way, jobs]) + "\n")
        self._process.stdin.flush()
        return [Record(*each) for each in json.loads(self._process.stdout.readline())]


@contextmanager
def open_torch(hf_dir: Path, refs: Sequence[AdapterRef]) -> Iterator[list[TorchGenerate]]:
    """Both ways, of one process."""
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
        yield [TorchGenerate(process, way) for way in ("mixed", "in turns")]
        process.kill()
