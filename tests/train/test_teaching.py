"""Teachers: the labels are the model's own, from here or from a server, and training takes them."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from lemmata.data.examples import to_line
from lemmata.errors import BadInput
from lemmata.train import loop, run_dir, teaching
from lemmata.train.objectives import labels
from lemmata.train.recipe import from_fields
from lemmata.train.rows import Row
from lemmata.train.teach_local import LocalTeacher
from lemmata.types import Example, Message

pytestmark = [pytest.mark.train, pytest.mark.model]


def write(path: Path, *pairs) -> str:
    rows = [Example((Message("user", f"What is {a} + {b}?"),), f"{a} + {b} = {a + b}\nSo {a + b}.")
            for a, b in pairs]  # fmt: skip
    path.write_text("".join(map(to_line, rows)), encoding="utf-8")
    return str(path)


@pytest.fixture
def recipe(tiny_base, tmp_path):
    rows = write(tmp_path / "rows.jsonl", (2, 3), (4, 3), (16, 3), (1, 1))
    return from_fields({
        "name": "tiny", "data": rows, "base": str(tiny_base), "rows_per_step": 2, "epochs": 1,
        "round_trip_rows": 0, "role": "none", "lr": 1e-2, "warmup_steps": 0,
    })  # fmt: skip


def read(path: Path, recipe) -> labels.SoftLabels:
    tokenizer = Path(recipe.base) / "tokenizer.json"
    digest = teaching.hashlib.sha256(tokenizer.read_bytes()).hexdigest()
    return labels.read(path, digest, 49_152)


def test_the_bases_own_labels_are_its_distribution(recipe, home, tmp_path, tiny_base):
    from transformers import LlamaForCausalLM

    told = teaching.teach(recipe, tmp_path / "base.safetensors", home, top=4)
    found = read(told.path, recipe)
    assert (told.rows, told.top, len(found.rows)) == (4, 4, 4)
    model = LlamaForCausalLM.from_pretrained(tiny_base, dtype=torch.float32).eval()
    mass = []
    for row in found.rows:
        tokens, logprobs = found.of(row)
        with torch.no_grad():
            full = torch.log_softmax(model(torch.tensor([row.ids])).logits[0], -1)
        best = full[row.start - 1 : -1].topk(4)
        np.testing.assert_array_equal(tokens, best.indices.numpy())
        np.testing.assert_allclose(logprobs, best.values.numpy(), atol=1e-5)
        mass += best.values.exp().sum(-1).tolist()
    assert told.mass == pytest.approx(float(np.mean(mass)), rel=1e-4)
    assert not list(tmp_path.glob("*.part"))


def test_a_student_of_itself_has_nothing_to_learn_and_stays_where_it_is(recipe, home, tmp_path):
    told = teaching.teach(recipe, tmp_path / "base.safetensors", home, top=32)
    student = replace(recipe, teacher=str(told.path), sft_weight=0.0, lora_dropout=0.0)
    run = loop.start(student, home)
    steps = [e for e in run_dir.whole_lines(run / run_dir.EVENTS) if e["event"] == "step"]
    assert all(abs(step["divergence"]) < 1e-4 for step in steps)
    assert all(step["nll"] > 1 for step in steps)


def test_an_anchor_adds_its_own_rows_and_holds_the_base(recipe, home, tmp_path):
    """The same run with a strong anchor ends nearer to the base, on text that it never learnt."""
    more = write(tmp_path / "more.jsonl", (50, 1), (60, 1))
    kept = replace(recipe, data=(more,))
    told = teaching.teach(kept, tmp_path / "kept.safetensors", home, top=32)
    plain = replace(recipe, epochs=6, lora_dropout=0.0)
    fields = {"anchor": str(told.path), "anchor_rows": 2}
    found = {}
    for weight in (0.0, 20.0):
        run = loop.start(replace(plain, **fields, anchor_weight=weight), home)
        steps = [e for e in run_dir.whole_lines(run / run_dir.EVENTS) if e["event"] == "step"]
        found[weight] = load_delta(run)
        assert ("divergence" in steps[-1]) == (weight > 0)
    assert found[20.0] < found[0.0]


def load_delta(run: Path) -> float:
    from safetensors.torch import load_file

    tensors = load_file(run / run_dir.FINAL / "adapter_model.safetensors")
    return sum(float(value.float().norm()) for name, value in tensors.items() if "lora_B" in name)


def test_stopped_it_goes_on_and_asks_nothing_twice(recipe, home, tmp_path, monkeypatch):
    asked: list[Row] = []
    call = LocalTeacher.__call__

    def counting(self, row):
        asked.append(row)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return call(self, row)

    monkeypatch.setattr(LocalTeacher, "__call__", counting)
    out = tmp_path / "base.safetensors"
    with pytest.raises(KeyboardInterrupt):
        teaching.teach(recipe, out, home, top=4)
    assert not out.exists()
    teaching.teach(recipe, out, home, top=4)
    assert len(asked) == 3 + 2
    assert len(read(out, recipe).rows) == 4
    assert not out.with_name(out.name + ".part").exists()


def test_where_to_write_is_settled_before_the_teacher_is_asked(recipe, home, tmp_path):
    with pytest.raises(BadInput, match="is a folder"):
        teaching.teach(recipe, tmp_path, home, top=4)
    deep = tmp_path / "not" / "there" / "base.safetensors"
    assert teaching.teach(recipe, deep, home, top=4).path == deep
    assert len(read(deep, recipe).rows) == 4


def test_a_teacher_of_another_tokenizer_is_refused(recipe, home, tmp_path, tiny_base):
    other = tmp_path / "other"
    other.mkdir()
    for file in tiny_base.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    tokenizer = json.loads((other / "tokenizer.json").read_text())
    vocabulary = tokenizer["model"]["vocab"]
    one, two = list(vocabulary)[1000:1002]
    vocabulary[one], vocabulary[two] = vocabulary[two], vocabulary[one]
    (other / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(BadInput, match="has another tokenizer than the base"):
        teaching.teach(recipe, tmp_path / "t.safetensors", home, teacher=str(other))


def test_labels_of_other_rows_stop_a_run_before_it_starts(recipe, home, tmp_path):
    told = teaching.teach(recipe, tmp_path / "base.safetensors", home, top=4)
    other = write(tmp_path / "other.jsonl", (5, 6))
    with pytest.raises(BadInput, match="made for other rows, another role or another template"):
        loop.start(replace(recipe, data=(other,), teacher=str(told.path)), home)
    with pytest.raises(BadInput, match="no soft labels for 4 of 4 rows"):
        loop.start(replace(recipe, role="math", teacher=str(told.path)), home)


@contextmanager
def server(tiny_base: Path, top: int | None, shift: int = 0, key: str = ""):
    """What vLLM says over a real model: /v1/models, /tokenize, /v1/completions."""
    model = LocalTeacher(tiny_base, None, top or 1, 1, torch.float32)
    tokenizer = Tokenizer.from_file(str(tiny_base / "tokenizer.json"))

    class Answers(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            if key and self.headers["Authorization"] != f"Bearer {key}":
                return self.say({"error": {"message": "no such key"}}, 401)
            return self.say({"data": [{"id": "tiny", "max_model_len": 512}]})

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if key and self.headers["Authorization"] != f"Bearer {key}":
                return self.say({"error": {"message": "no such key"}}, 401)
            if self.path == "/tokenize":
                ids = tokenizer.encode(body["prompt"], add_special_tokens=False).ids
                return self.say({"tokens": [each + shift for each in ids]})
            ids = body["prompt"]
            tokens, logprobs = model(Row(tuple(ids), 1, ()))
            told = [None] + [
                {str(t): {"logprob": float(p)} for t, p in zip(*pair, strict=True)}
                for pair in zip(tokens, logprobs, strict=True)
            ]
            choice = {"text": "", "index": 0, "finish_reason": "length"}
            return self.say({"choices": [choice | ({"prompt_logprobs": told} if top else {})]})

        def say(self, value, status=200):
            text = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{served.server_port}"
        finally:
            served.shutdown()
            thread.join()


def test_a_server_gives_the_labels_that_the_same_model_gives_here(
    recipe, home, tmp_path, tiny_base
):
    here = teaching.teach(recipe, tmp_path / "here.safetensors", home, top=4)
    with server(tiny_base, 4) as url:
        there = teaching.teach(recipe, tmp_path / "there.safetensors", home, teacher=url, top=4)
    ours, theirs = read(here.path, recipe), read(there.path, recipe)
    assert ours.rows == theirs.rows
    for row in ours.rows:
        np.testing.assert_array_equal(ours.of(row)[0], theirs.of(row)[0])
        np.testing.assert_allclose(ours.of(row)[1], theirs.of(row)[1], atol=1e-6)


def test_a_server_that_wants_a_key_gets_it(recipe, home, tmp_path, tiny_base):
    out = tmp_path / "labels.safetensors"
    with server(tiny_base, 4, key="secret") as url:
        with pytest.raises(BadInput, match="API key"):
            teaching.teach(recipe, out, home, teacher=url, top=4)
        told = teaching.teach(recipe, out, replace(home, engine_key="secret"), teacher=url, top=4)
    assert "secret" not in told.teacher


@pytest.mark.parametrize(
    ("top", "shift", "says"),
    [
        (None, 0, "this server gives no prompt_logprobs"),
        (4, 1, "tiny has another tokenizer than the base"),
        (2, 0, "gives 2 tokens a position, not 4"),
    ],
)
def test_a_server_that_cannot_teach_is_refused(recipe, home, tmp_path, tiny_base, top, shift, says):
    with server(tiny_base, top, shift) as url, pytest.raises(BadInput, match=says):
        teaching.teach(recipe, tmp_path / "t.safetensors", home, teacher=url, top=4)
