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
        (["lr=quick"], "lr must be a number, not 'quick'"),
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


@pytest.fixture
def gated(recipe: Path, tmp_path: Path) -> Path:
    """With a gate that the base's random weights cannot pass."""
    row = {"messages": [{"role": "user", "content": "Add 2 and 1."}], "completion": "3",
           "meta": {"gold": "3"}}  # fmt: skip
    (tmp_path / "asked.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    more = "target: asked.jsonl\nretention: asked.jsonl\ngate_tokens: 4\ngate_tries: 1\n"
    recipe.write_text(recipe.read_text() + more + "round_trip_rows: 0\n")
    return recipe


def test_a_refused_adapter_is_exit_code_1_and_a_report_that_can_be_made_again(
    call, gated, tmp_path
):
    done = call("run", gated, "target_gain=1.0")
    assert done.returncode == 1
    assert "gate of train, try 1: failed, rolled back (target" in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("lemmata:")]
    assert "stage 'train' failed its gate 1 times, so there is no adapter" in line
    (run,) = (tmp_path / "home" / "runs").iterdir()
    page = run / "report.html"
    first = page.read_text()
    page.unlink()
    done = call("report", run)
    assert done.stdout.strip() == str(page)
    assert page.read_text() == first


def test_teach_writes_labels_that_run_takes_from_where_the_person_stands(
    call, recipe, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    done = call("teach", recipe, "--out", "labels.safetensors", "--top", 8, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["rows"], told["top"]) == (1, 8)
    assert 0 < told["mass"] <= 1
    done = call("run", recipe, "teacher=labels.safetensors", "round_trip_rows=0", "--json")
    assert done.returncode == 0, done.stderr


def test_tensorboard_files_hold_the_losses(call, recipe, tmp_path):
    done = call("run", recipe, "round_trip_rows=0", "--tensorboard")
    assert done.returncode == 0, done.stderr
    (run,) = (tmp_path / "home" / "runs").iterdir()
    (events,) = (run / "tensorboard").iterdir()
    content = events.read_bytes()
    for name in (b"loss", b"step_nll/1", b"tokens_per_s"):
        assert name in content


def test_a_terminal_is_told_loss_speed_and_each_step_of_the_derivation():
    from lemmata.cli.train_live import figures, gate_line

    event = {"loss": 0.5, "tokens_per_s": 123.4, "step_nll": [0.25, 1.0]}
    assert figures(event) == "loss 0.500, 123 tokens/s, by derivation step 0.25 1.00"
    gate = {"stage": "easy", "attempt": 2, "passed": True, "checks": {"target": 0.5}}
    assert gate_line(gate) == "gate of easy, try 2: passed (target +0.500)"
    assert gate_line({"stage": "easy", "checks": {}}) == "stage easy: done"
