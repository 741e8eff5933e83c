"""A whole run on a tiny base: what it leaves behind, and what it does when things go wrong."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from lemmata.adapters import canonical, manifest
from lemmata.data.examples import to_line
from lemmata.data.tasks import lattice_paths
from lemmata.data.tasks.family import example, make
from lemmata.engines import open_engine
from lemmata.errors import BadData, BadInput, BadRecipe, DiskFull
from lemmata.models import gguf_read
from lemmata.prompts import roles
from lemmata.prompts.render import ChatTemplate
from lemmata.train import base_model, checkpoint, loop, run_dir, samples
from lemmata.train.interrupt import Stopped
from lemmata.train.objectives import compose
from lemmata.train.recipe import Recipe, Stage, from_fields
from lemmata.train.step import optimiser_of
from train.conftest import sums, weights

pytestmark = [pytest.mark.train, pytest.mark.model]


@pytest.fixture(scope="module")
def recipe(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """Twelve steps, a checkpoint every third."""
    pairs = ((2, 3), (4, 3), (16, 3), (1, 1), (8, 1), (22, 31))
    rows = sums(tmp_path_factory.mktemp("data") / "rows.jsonl", pairs)
    return from_fields({
        "name": "tiny", "data": rows, "base": str(tiny_base), "lr": 1e-2,
        "rows_per_step": 2, "epochs": 4, "save_every": 3, "warmup_steps": 2,
        "round_trip_rows": 0,
    })  # fmt: skip


def events(run: Path, kind: str) -> list[dict]:
    lines = (run / run_dir.EVENTS).read_text().splitlines()
    return [line for line in map(json.loads, lines) if line["event"] == kind]


def test_a_run_leaves_all_that_its_repetition_needs(finished, recipe):
    assert run_dir.read_recipe(finished) == replace(recipe, precision="fp32")
    lock = json.loads((finished / run_dir.ENVIRONMENT).read_text())
    assert lock["packages"]["torch"] == torch.__version__
    assert len(lock["base"]["sha256"]) == 64
    data = json.loads((finished / run_dir.DATA).read_text())
    assert (data["kept"], data["dropped"], data["truncated"]) == (6, 0, 0)
    assert data["sources"][0]["rows"] == 6
    assert checkpoint.all_in(finished / run_dir.CHECKPOINTS) == [9, 12]
    assert [event["step"] for event in events(finished, "step")] == list(range(1, 13))


def test_it_learns(finished):
    losses = [event["loss"] for event in events(finished, "step")]
    assert max(losses[-3:]) < min(losses[:3]) - 0.1


def test_the_adapter_is_canonical_and_says_where_it_comes_from(finished):
    ref = canonical.open(finished / run_dir.FINAL)
    told = manifest.read(finished / run_dir.FINAL)
    assert (ref.rank, ref.alpha) == (8, 16.0)
    assert told.sha256 == ref.sha256
    assert told.recipe["lr"] == 1e-2
    assert None not in (told.base_fingerprint, told.tokenizer_sha256, told.template_sha256)


def test_peft_loads_the_adapter_with_the_logits_of_training(finished, recipe, home, tiny_base):
    """The file holds bf16: so equal to a model whose adapter is rounded, not merely close."""
    from peft import PeftModel
    from transformers import LlamaForCausalLM

    trained = base_model.load(tiny_base, recipe)
    parameters = base_model.trainable(trained)
    place = finished / run_dir.CHECKPOINTS / "12"
    identity = checkpoint.Identity(**{
        key: value for key, value in json.loads((place / "state.json").read_text()).items()
        if key != "step"
    })  # fmt: skip
    checkpoint.restore(place, parameters, optimiser_of(parameters, recipe), identity)
    for parameter in parameters.values():
        parameter.data = parameter.data.to(torch.bfloat16).to(torch.float32)
    with base_model._quiet():
        base = LlamaForCausalLM.from_pretrained(tiny_base, dtype=torch.float32)
        loaded = PeftModel.from_pretrained(base, finished / run_dir.FINAL)
    ids = torch.tensor([[5, 300, 17, 9000, 12]])
    with torch.no_grad():
        ours, theirs = trained.eval()(ids).logits, loaded.eval()(ids).logits
        plain = loaded.get_base_model()
        with loaded.disable_adapter():
            bare = plain(ids).logits
    torch.testing.assert_close(theirs, ours, rtol=1e-5, atol=1e-6)
    assert (bare - theirs).abs().max() > 0.01


def test_the_same_recipe_gives_the_same_bits(finished, recipe, home):
    assert weights(loop.start(recipe, home)) == weights(finished)


_KILLED = """
import os, sys
from pathlib import Path
from dataclasses import replace
from lemmata import settings
from lemmata.train import checkpoint, loop, run_dir
from lemmata.train.step import Stepper
where, at = sys.argv[2], int(sys.argv[3])
die = lambda: os.kill(os.getpid(), 9)
if where == "step":
    step = Stepper.step
    def dying(stepper, optimiser, rate, task):
        told = step(stepper, optimiser, rate, task)
        return die() if task.number == at else told
    Stepper.step = dying
else:
    flushed = checkpoint._flushed
    count = 0
    def dying(path, content):
        global count
        count += 1
        if count == at:
            path.write_bytes(content[: len(content) // 2])
            die()
        flushed(path, content)
    checkpoint._flushed = dying
home = replace(settings.load(), home=Path(sys.argv[1]), threads=1)
loop.start(run_dir.read_recipe(Path(sys.argv[4])), home)
"""


@pytest.mark.parametrize(("where", "at"), [("step", 2), ("step", 8), ("write", 3), ("write", 4)])
def test_killed_anywhere_and_resumed_it_ends_in_the_same_bits(where, at, finished, home):
    """Also inside a checkpoint's write: files 3 and 4 are the second checkpoint's."""
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, home.home, where, str(at), finished], check=False
    )
    assert done.returncode == -signal.SIGKILL
    (run,) = home.runs_dir.iterdir()
    assert loop.resume(run, home) == run
    assert weights(run) == weights(finished)
    assert [event["step"] for event in events(run, "step")] == list(range(1, 13))


def test_ctrl_c_saves_and_the_run_goes_on(finished, recipe, home):
    def press(stage, done, total):
        if stage.startswith("train") and done == 5:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Stopped) as stop:
        loop.start(recipe, home, press)
    assert checkpoint.all_in(stop.value.run / run_dir.CHECKPOINTS) == [3, 5]
    assert weights(loop.resume(stop.value.run, home)) == weights(finished)


def test_the_top_half_resumes_to_the_same_bits_from_what_it_kept_and_leaves_nothing(recipe, home):
    half = replace(recipe, layers="top-half")
    whole = loop.start(half, home)
    seen = []

    def press(stage, done, total):
        if stage.startswith("train") and done == 5:
            seen.extend(path.name for path in home.runs_dir.glob("*/cache/*.states"))
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Stopped) as stop:
        loop.start(half, home, press)
    assert len(seen) == 1
    assert weights(loop.resume(stop.value.run, home)) == weights(whole)
    assert not list(home.runs_dir.glob("*/cache"))


def test_a_changed_base_or_data_or_recipe_is_not_trained_on(finished, recipe, home, tmp_path):
    run = tmp_path / "run"
    subprocess.run(["cp", "-r", finished, run], check=True)
    run_dir.write_recipe(run, replace(recipe, lr=0.5))
    with pytest.raises(BadInput, match="the recipe has changed since the checkpoint 12"):
        loop.resume(run, home)


def test_two_processes_never_train_in_one_folder(recipe, home):
    def disturb(stage, done, total):
        if stage.startswith("train") and done == 2:
            (run,) = home.runs_dir.iterdir()
            with pytest.raises(BadInput, match="another process is at work"):
                loop.resume(run, home)

    loop.start(recipe, home, disturb)


@pytest.mark.parametrize("name", [checkpoint.TENSORS, checkpoint.STATE])
def test_a_damaged_checkpoint_is_named_and_the_one_before_it_goes_on(name, finished, recipe, home):
    def press(stage, done, total):
        if stage.startswith("train") and done == 6:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Stopped) as stop:
        loop.start(recipe, home, press)
    broken = stop.value.run / run_dir.CHECKPOINTS / "6"
    content = (broken / name).read_bytes()
    (broken / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(BadInput, match=r"6 is damaged.*goes on from step 3"):
        loop.resume(stop.value.run, home)
    shutil.rmtree(broken)
    assert weights(loop.resume(stop.value.run, home)) == weights(finished)


def test_a_loss_that_is_no_number_stops_the_run_and_keeps_the_checkpoint(recipe, home, monkeypatch):
    losses = compose.token_losses
    calls = []

    def broken(*args):
        calls.append(1)
        nll, divergence = losses(*args)
        return nll * (float("nan") if len(calls) > 4 else 1), divergence

    monkeypatch.setattr(compose, "token_losses", broken)
    with pytest.raises(BadRecipe, match="no longer a number at step 5"):
        loop.start(recipe, home)
    (run,) = home.runs_dir.iterdir()
    assert checkpoint.all_in(run / run_dir.CHECKPOINTS) == [3]
    assert not (run / run_dir.FINAL).exists()


def test_a_full_disk_keeps_the_last_checkpoint(recipe, home, monkeypatch):
    flushed = checkpoint._flushed
    calls = []

    def full(path, content):
        calls.append(1)
        if len(calls) > 2:
            path.write_bytes(content[:100])
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        flushed(path, content)

    monkeypatch.setattr(checkpoint, "_flushed", full)
    with pytest.raises(DiskFull, match="at step 6; checkpoint 3 is kept"):
        loop.start(recipe, home)
    (run,) = home.runs_dir.iterdir()
    assert [item.name for item in (run / run_dir.CHECKPOINTS).iterdir()] == ["3"]
    monkeypatch.undo()
    assert (loop.resume(run, home) / run_dir.FINAL).is_dir()


def test_a_row_over_the_limit_is_an_error_and_nothing_is_cut(recipe, home):
    with pytest.raises(BadData, match="over the length limit"):
        loop.start(replace(recipe, max_tokens=50), home)
    assert not home.runs_dir.exists()


@pytest.mark.parametrize(
    ("fields", "says"),
    [({"stages": (Stage("all", rows=99),)}, "wants 99 rows"), ({"order": "file"}, "order.json")],
)
def test_a_course_that_cannot_be_taken_leaves_no_run_behind(fields, says, recipe, home):
    with pytest.raises(BadRecipe, match=says):
        loop.start(replace(recipe, **fields), home)
    assert not home.runs_dir.exists()


def test_rows_longer_than_the_base_can_read_are_refused(recipe, home):
    with pytest.raises(BadRecipe, match=r"max_tokens is 9000 and .* reads 8192 tokens"):
        loop.start(replace(recipe, max_tokens=9000), home)
    assert not home.runs_dir.exists()


def test_a_module_that_the_base_lacks_is_named(recipe, home):
    with pytest.raises(BadRecipe, match=r"no module 'c_attn'.*q_proj"):
        loop.start(replace(recipe, target_modules=("c_attn",)), home)


def test_training_sees_the_ids_that_serving_sends(recipe, home, default_model):
    """Prompt ids equal the engine's own for the same role; the rest is the text and its stop."""
    item = make(lattice_paths, 3, 1, "zh")
    row_file = home.home / "rows.jsonl"
    row_file.parent.mkdir(parents=True)
    row_file.write_text(to_line(example(lattice_paths, item, "zh")), encoding="utf-8")
    tokenizer = Tokenizer.from_file(str(Path(recipe.base) / "tokenizer.json"))
    template = ChatTemplate(*gguf_read.chat_template(default_model.gguf))
    (row,) = samples.load(replace(recipe, data=(str(row_file),)), template, tokenizer).rows
    engine = open_engine(default_model.gguf, home)
    served = engine.prompt_ids(roles.apply(item.problem, task="counting"))
    assert list(row.ids[: row.start]) == served
    assert list(row.ids[row.start :]) == engine.tokenize(item.derivation + "<|im_end|>")


def test_a_step_of_a_row_is_a_line_of_its_derivation(recipe, default_model):
    template = ChatTemplate(*gguf_read.chat_template(default_model.gguf))
    tokenizer = Tokenizer.from_file(str(Path(recipe.base) / "tokenizer.json"))
    row = samples.load(recipe, template, tokenizer).rows[0]
    lines: dict[int, list[int]] = {}
    for step, token in zip(row.steps, row.ids[row.start :], strict=True):
        lines.setdefault(step, []).append(token)
    assert [tokenizer.decode(ids, skip_special_tokens=False) for ids in lines.values()] == [
        "2 + 3 = 5\n", "\\boxed{5}<|im_end|>",
    ]  # fmt: skip


def test_the_step_penalty_is_added_to_the_loss(recipe, home):
    run = loop.start(replace(recipe, step_penalty=0.5, epochs=1), home)
    for event in events(run, "step"):
        assert event["loss"] > event["nll"]
