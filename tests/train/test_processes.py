"""Several processes, one run: the same adapter, and a clear end where one is killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from safetensors.numpy import load_file

from lemmata.adapters import canonical
from lemmata.train import checkpoint, run_dir

pytestmark = [pytest.mark.train, pytest.mark.model, pytest.mark.slow]

STEPS = 8
_DYING = """
import os, sys
from lemmata.train import step
gradients = step.Gradients.__call__
def dying(self, task):
    return os.kill(os.getpid(), 9) if task.number == 5 else gradients(self, task)
step.Gradients.__call__ = dying
from lemmata.__main__ import main
main()
"""


@pytest.fixture
def recipe(tiny_base, tmp_path):
    """Rows of different lengths, two packs a step, dropout as in the field."""
    rows = tmp_path / "rows.jsonl"
    lines = [
        {"messages": [{"role": "user", "content": f"What is {a} + {b}?" + " Think." * (a % 5)}],
         "completion": f"{a} + {b} = {a + b}\n\\boxed{{{a + b}}}", "meta": {"task": "counting"}}
        for a, b in ((2, 3), (4, 3), (16, 3), (1, 1), (8, 1), (22, 31), (7, 7), (9, 1))
    ]  # fmt: skip
    rows.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump({
        "name": "tiny", "data": [str(rows)], "base": str(tiny_base), "lr": 1e-2,
        "rows_per_step": 4, "pack_tokens": 200, "epochs": STEPS // 2, "save_every": 3,
        "warmup_steps": 2, "round_trip_rows": 0,
    }))  # fmt: skip
    return path


def started(recipe, home, count, follower=("-m", "lemmata")):
    """The command in `count` processes, as `accelerate launch` and `torchrun` start them."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    found = []
    for rank in range(count):
        environment = os.environ | {
            "LEMMATA_HOME": str(home), "LEMMATA_THREADS": "1", "OMP_NUM_THREADS": "1",
        }  # fmt: skip
        if count > 1:
            environment |= {
                "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(count),
                "LOCAL_WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": str(port),
            }  # fmt: skip
        begin = follower if rank else ("-m", "lemmata")
        command = [sys.executable, *begin, "train", "run", str(recipe), "--json"]
        found.append(subprocess.Popen(
            command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        ))  # fmt: skip
    return found


def run_of(home: Path) -> Path:
    (run,) = (home / "runs").iterdir()
    return run


def test_two_processes_make_the_adapter_of_one(recipe, tmp_path):
    """But for the order of float32 sums over packs, which AdamW enlarges where a gradient is next
    to nothing: within 1e-4 of a matrix's largest weight, before its rounding to bf16."""
    told = []
    for count in (1, 2):
        all_of = started(recipe, tmp_path / str(count), count)
        outs = [one.communicate(timeout=240) for one in all_of]
        assert [one.returncode for one in all_of] == [0] * count, outs[0][1] + outs[-1][1]
        assert all(not out for out, _ in outs[1:])
        run = Path(json.loads(outs[0][0])["run"])
        assert run == run_of(tmp_path / str(count))
        place = run / run_dir.CHECKPOINTS / str(STEPS)
        weights = load_file(place / checkpoint.TENSORS)
        told.append({k: v for k, v in weights.items() if k.startswith("adapter.")})
        canonical.open(run / run_dir.FINAL)
    one, two = told
    for name, value in one.items():
        assert np.abs(value - two[name]).max() <= 1e-4 * np.abs(value).max(), name


def test_a_killed_process_ends_the_run_in_one_line_and_it_resumes(recipe, tmp_path):
    home = tmp_path / "home"
    leader, follower = started(recipe, home, 2, follower=("-c", _DYING))
    out, err = leader.communicate(timeout=240)
    follower.communicate()
    assert follower.returncode == -signal.SIGKILL
    run = run_of(home)
    assert leader.returncode == 4
    assert "another process of this run ended at step 5" in err
    assert f"lemmata train resume {run}" in err
    assert "Traceback" not in err
    assert not out
    assert checkpoint.all_in(run / run_dir.CHECKPOINTS) == [3]
    done = subprocess.run(
        [sys.executable, "-m", "lemmata", "train", "resume", str(run), "--json"], check=False,
        env=os.environ | {"LEMMATA_HOME": str(home)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (run / run_dir.FINAL).is_dir()
