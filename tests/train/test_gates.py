"""Whole gated runs on a tiny base: what lands, what is rolled back or refused, what survives."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from lemmata.adapters import canonical, manifest
from lemmata.errors import AnswerIsNo, BadData, BadInput, DiskFull, EngineDied
from lemmata.train import checkpoint, gates, loop, run_dir, stages
from lemmata.train.interrupt import Stopped
from lemmata.train.recipe import Recipe, from_fields
from train.conftest import sums, weights

pytestmark = [pytest.mark.train, pytest.mark.model]


@pytest.fixture(scope="module")
def recipe(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """Two stages from easy to hard, of 2 and 3 steps."""
    folder = tmp_path_factory.mktemp("data")
    rows = sums(folder / "rows.jsonl", ((2, 3), (4, 3), (16, 3), (1, 1), (8, 1), (22, 31)))
    asked = sums(folder / "asked.jsonl", ((7, 3), (9, 3)))
    return from_fields({
        "name": "tiny", "data": rows, "base": str(tiny_base), "lr": 1e-2, "rows_per_step": 2,
        "save_every": 2, "warmup_steps": 1, "order": "nll", "target": asked, "retention": asked,
        "gate_tokens": 4, "stages": [{"name": "easy", "rows": 4}, {"name": "all"}],
        "dial": [0.5, 1.0], "round_trip_rows": 2,
    })  # fmt: skip


def only_run(home) -> Path:
    (run,) = home.runs_dir.iterdir()
    return run


def of_kind(run: Path, kind: str) -> list[dict]:
    return [event for event in run_dir.whole_lines(run / run_dir.EVENTS) if event["event"] == kind]


def test_every_stage_has_its_gate_and_the_adapter_tells_of_them(finished):
    for number, name in enumerate(("easy", "all")):
        told = json.loads((finished / "stages" / f"{number:02}" / "gate.json").read_text())
        assert (told["stage"], told["passed"], len(told["tries"])) == (name, True, 1)
        checks = {check["name"]: check for check in told["tries"][0]["checks"]}
        assert [*checks] == ["target", "retention", "divergence", "format", "language"]
        assert all(check["change"]["low"] <= check["change"]["high"] for check in checks.values())
        assert checks["divergence"]["change"]["value"] > 0
        assert told["tries"][0]["examples"][0]["question"].startswith("What is")
    about = manifest.read(finished / run_dir.FINAL)
    assert [gate["stage"] for gate in about.gates] == ["easy", "all", "round trip"]
    assert about.accuracy["target"]["problems"] == 2
    assert [event["stage"] for event in of_kind(finished, "gate")] == ["easy", "all"]


def test_what_lands_is_the_candidate_after_its_round_trip_and_nothing_is_left_beside(finished):
    trip = json.loads((finished / "round_trip.json").read_text())
    assert trip["passed"]
    assert trip["adapter"] <= trip["bound"] < trip["effect"]
    dial = json.loads((finished / "dial.json").read_text())
    assert dial["chosen"] == 1.0
    assert not (finished / gates.CANDIDATE).exists()
    assert "passed and lies in final/" in (finished / run_dir.REPORT).read_text()


def test_the_easiest_rows_come_first_by_the_bases_own_measure(finished, recipe):
    hard = json.loads((finished / "order.json").read_text())["difficulty"]
    course = stages.Course(finished, recipe, {recipe.data[0]: range(6)}, hard)
    first = course._leg(0, recipe.stages[0], (), 0)
    chosen = {row for step in first.steps for row in step}
    assert max(hard[row] for row in chosen) <= min(hard[row] for row in {*range(6)} - chosen)


def test_a_finished_run_that_is_resumed_stays_as_it_is(finished, home):
    before = weights(finished), (finished / run_dir.EVENTS).read_bytes()
    assert loop.resume(finished, home) == finished
    assert (weights(finished), (finished / run_dir.EVENTS).read_bytes()) == before


_KILLED = """
import os, sys
from pathlib import Path
from dataclasses import replace
from lemmata import settings
from lemmata.train import checkpoint, gate_divergence, gates, loop, run_dir
where, at = sys.argv[2], int(sys.argv[3])
count = 0
def passing():
    global count
    count += 1
    if count == at:
        os.kill(os.getpid(), 9)
if where == "gate":
    measured = gate_divergence.of_rows
    def dying(*args):
        passing()
        return measured(*args)
    gate_divergence.of_rows = dying
elif where == "write":
    write = run_dir.write_bytes
    def dying(path, content):
        if path.name in ("gate.json", "good.safetensors"):
            path.with_name("." + path.name + ".new").write_bytes(content[: len(content) // 2])
            passing()
        write(path, content)
    checkpoint.write_bytes = run_dir.write_bytes = dying
else:
    tell = run_dir.Events.write
    def dying(self, kind, **fields):
        tell(self, kind, **fields)
        if kind == "step":
            passing()
    run_dir.Events.write = dying
home = replace(settings.load(), home=Path(sys.argv[1]), threads=1)
loop.start(run_dir.read_recipe(Path(sys.argv[4])), home)
"""


@pytest.mark.parametrize(("where", "at"), [("gate", 2), ("write", 1), ("write", 2), ("step", 4)])
def test_killed_in_a_gate_or_stage_and_resumed_it_ends_in_the_same_bits(where, at, finished, home):
    """Writes 1 and 2 are the first stage's good.safetensors and gate.json."""
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, home.home, where, str(at), finished], check=False
    )
    assert done.returncode == -signal.SIGKILL
    run = only_run(home)
    assert loop.resume(run, home) == run
    assert weights(run) == weights(finished)
    assert [event["step"] for event in of_kind(run, "step")] == [1, 2, 3, 4, 5]


def test_a_failed_gate_rolls_back_and_tries_at_a_lower_rate(recipe, home):
    """At a thousandth of the rate the base hardly moves, so the second try must pass."""
    once = replace(recipe, stages=(), retry_rate=1e-3, max_kl=1e-4, dial=(), round_trip_rows=0)
    run = loop.start(once, home)
    first, second = stages.tries(run, 0)
    assert (first["passed"], second["passed"]) == (False, True)
    assert (second["lr"], second["first"]) == (pytest.approx(first["lr"] * 1e-3), first["last"])
    start = load_file(run / stages.STAGES / stages.START)
    good = load_file(stages.good(run, once))
    assert max(abs(good[name] - start[name]).max() for name in start) < 1e-4
    assert [event["step"] for event in of_kind(run, "step")] == [*range(1, 7)]
    page = (run / run_dir.REPORT).read_text()
    assert "failed and rolled back" in page
    assert "at most 0.0001 is allowed" in page


def test_after_as_many_tries_as_are_allowed_there_is_no_adapter_but_a_report(recipe, home):
    strict = replace(recipe, stages=(), max_kl=1e-12, gate_tries=2, epochs=1)
    with pytest.raises(AnswerIsNo, match=r"'train' failed its gate 2 times.*KL\(base \|\| tuned\)"):
        loop.start(strict, home)
    run = only_run(home)
    assert not (run / run_dir.FINAL).exists()
    assert (
        "There is no adapter: stage train failed its gate 2 times (divergence)"
        in (run / run_dir.REPORT).read_text()
    )
    with pytest.raises(AnswerIsNo, match="failed its gate 2 times"):
        loop.resume(run, home)
    assert len(of_kind(run, "step")) == 6


def test_an_adapter_that_the_engine_serves_otherwise_never_lands(recipe, home, monkeypatch):
    """The engine has loaded another adapter than the one that lies in the folder."""
    load = gates.Gates.load_written

    def swapped(self):
        name = load(self)
        path = self.candidate / canonical.WEIGHTS
        save_file({key: value * 3 for key, value in load_file(path).items()}, path,
                  {"format": "pt"})  # fmt: skip
        return name

    monkeypatch.setattr(gates.Gates, "load_written", swapped)
    plain = replace(recipe, stages=(), target=(), dial=(), order="shuffled", epochs=4)
    with pytest.raises(AnswerIsNo, match="served, the adapter is not what was trained"):
        loop.start(plain, home)
    run = only_run(home)
    assert not (run / run_dir.FINAL).exists()
    assert not json.loads((run / "round_trip.json").read_text())["passed"]
    monkeypatch.undo()
    assert (loop.resume(run, home) / run_dir.FINAL).is_dir()


def test_an_engine_that_is_killed_in_a_gate_loses_nothing(finished, recipe, home, monkeypatch):
    asked = gates.Gates.asked

    def killing(self, questions, adapter, *rest):
        if adapter is not None:
            os.kill(self.engine.engine.pid, signal.SIGKILL)
        return asked(self, questions, adapter, *rest)

    monkeypatch.setattr(gates.Gates, "asked", killing)
    with pytest.raises(EngineDied, match="Nothing is lost; go on with: lemmata train resume"):
        loop.start(recipe, home)
    monkeypatch.undo()
    run = only_run(home)
    assert weights(loop.resume(run, home)) == weights(finished)


def test_ctrl_c_in_a_gate_says_how_to_go_on(recipe, home):
    def press(stage, done, total):
        if stage == "measure the divergence":
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Stopped) as stop:
        loop.start(recipe, home, press)
    assert checkpoint.all_in(stop.value.run / run_dir.CHECKPOINTS) == [2]
    assert not stages.tries(stop.value.run, 0)


def test_ctrl_c_before_the_first_step_says_how_to_go_on(finished, recipe, home):
    def press(stage, done, total):
        if stage.startswith("measure how hard"):
            raise KeyboardInterrupt

    with pytest.raises(Stopped) as stop:
        loop.start(recipe, home, press)
    assert weights(loop.resume(stop.value.run, home)) == weights(finished)


def test_a_disk_that_is_full_at_the_gate_keeps_the_checkpoint(recipe, home, monkeypatch):
    def full(path, content):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    judged = gates.Gates.judge

    def filling(self, *args):
        monkeypatch.setattr(checkpoint, "write_bytes", full)
        return judged(self, *args)

    monkeypatch.setattr(gates.Gates, "judge", filling)
    plain = replace(recipe, stages=(), target=(), dial=(), order="shuffled")
    with pytest.raises(DiskFull, match="at step 3; checkpoint 3 is kept"):
        loop.start(plain, home)


def test_a_base_that_changed_since_the_checkpoint_is_refused(recipe, home, tiny_base, tmp_path):
    copy = tmp_path / "base"
    subprocess.run(["cp", "-r", tiny_base, copy], check=True)
    plain = replace(recipe, base=str(copy), stages=(), target=(), dial=(), order="shuffled",
                    round_trip_rows=0)  # fmt: skip
    run = loop.start(plain, home)
    path = copy / "model.safetensors"
    tensors = load_file(path)
    tensors["model.norm.weight"] = tensors["model.norm.weight"] * 1.5
    save_file(tensors, path, {"format": "pt"})
    with pytest.raises(BadInput, match="the base has changed since the checkpoint 3"):
        loop.resume(run, home)


def test_a_tokenizer_that_changed_since_the_run_began_is_refused(recipe, home, tiny_base, tmp_path):
    copy = tmp_path / "base"
    subprocess.run(["cp", "-r", tiny_base, copy], check=True)
    plain = replace(recipe, base=str(copy), stages=(), target=(), dial=(), order="shuffled",
                    round_trip_rows=0)  # fmt: skip
    run = loop.start(plain, home)
    path = copy / "tokenizer.json"
    tokenizer = json.loads(path.read_text())
    words = tokenizer["model"]["vocab"]
    one, two = [word for word, number in words.items() if number in {40_000, 40_001}]
    words[one], words[two] = words[two], words[one]
    path.write_text(json.dumps(tokenizer))
    with pytest.raises(BadInput, match="the base's tokenizer has changed since the run began"):
        loop.resume(run, home)


def test_a_gate_without_problems_is_refused_before_anything_is_written(recipe, home, tmp_path):
    asked = sums(tmp_path / "asked.jsonl", ((2, 3),))
    with pytest.raises(BadData, match="no problem with a gold answer that no row is about"):
        loop.start(replace(recipe, target=(asked,)), home)
    assert not home.runs_dir.exists()


def test_the_dialled_strength_is_in_the_adapter_that_lands(recipe, home):
    """Nothing to choose between but half of it."""
    whole = replace(recipe, stages=(), dial=(), order="shuffled", round_trip_rows=2)
    full = canonical.read(loop.start(whole, home) / run_dir.FINAL)
    run = loop.start(replace(whole, dial=(0.5,)), home)
    half = canonical.read(run / run_dir.FINAL)
    assert json.loads((run / "dial.json").read_text())["chosen"] == 0.5
    for ours, theirs in zip(half.weights.projections, full.weights.projections, strict=True):
        assert (ours.a == theirs.a).all()
        assert (ours.b * 2 == theirs.b).all()
        assert theirs.b.any()
