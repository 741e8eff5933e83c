"""`lemmata train`: what a person sees of a run, of a mistake, and of Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.train, pytest.mark.model]


@pytest.fixture
def recipe(tiny_base: Path, tmp_path: Path) -> Path:
    row = {"messages": [{"role": "user", "content": "Add 1 and 1."}], "completion": "\\boxed{2}"}
    (tmp_path / "rows.jsonl").write_text((json.dumps(row) + "\n") * 6, encoding="utf-8")
    path = tmp_path / "tiny.yaml"
    path.write_text(f"name: tiny\ndata: rows.jsonl\nbase: {tiny_base}\nrows_per_step: 2\n")
    return path


@pytest.fixture
def call(tmp_path: Path):
    """Run `lemmata train …` in a home of its own."""

    def run(*words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "lemmata", "train", *map(str, words)],
            env=os.environ | {"LEMMATA_HOME": str(tmp_path / "home"), "LEMMATA_THREADS": "1"},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    return run


def test_run_prints_the_folder_of_the_adapter(call, recipe):
    done = call("run", recipe, "epochs=2", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (Path(told["adapter"]) / "adapter_model.safetensors").is_file()
    assert "train: 6/6" in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["lora_rank=4"], "no key 'lora_rank'. Did you mean 'lora_r'?"),
        (["lr=quick"], "lr must be of type float, not 'quick'"),
        (["base=smolm2-135m"], "smollm2-135m"),
        (["data=nowhere.jsonl"], "there is no data file"),
        (["max_tokens=10"], "over the length limit"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(call, recipe, words, says):
    done = call("run", recipe, *words)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("lemmata:")]
    assert says in line


def test_ctrl_c_saves_and_says_how_to_go_on(recipe, tmp_path, call):
    home = tmp_path / "home"
    process = subprocess.Popen(
        [sys.executable, "-m", "lemmata", "train", "run", str(recipe), "epochs=5000"],
        env=os.environ | {"LEMMATA_HOME": str(home), "LEMMATA_THREADS": "1"},
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 90
    while not any('"event": "step"' in path.read_text()
                  for path in home.glob("runs/*/events.jsonl")):  # fmt: skip
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    (run,) = (home / "runs").iterdir()
    assert f"go on with: lemmata train resume {run}" in said
    assert list((run / "checkpoints").iterdir())


def test_resume_of_a_folder_that_is_no_run_is_refused(call, tmp_path):
    done = call("resume", tmp_path)
    assert done.returncode == 2
    assert "is no run of `lemmata train`" in done.stderr
