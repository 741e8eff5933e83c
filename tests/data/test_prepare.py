from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lemmata import settings
from lemmata.data import landing, order, prepare, test_sets
from lemmata.data.audit import Auditor
from lemmata.data.clean import Rules
from lemmata.data.examples import load
from lemmata.data.prepare import Difficulty, Plan
from lemmata.data.read import Source, open_file, open_sources
from lemmata.data.render import Renderer
from lemmata.errors import BadData
from lemmata.models.progress import silent
from lemmata.types import Example
from lemmata.verify import verify_math

RULES = Rules(test_sets=test_sets.shipped(), check_answer=verify_math)


def rows(count: int, **meta: object) -> str:
    lines = []
    for n in range(count):
        text = f"Problem {n}: a box of kind {n * 7919 % 1009} holds {n} red and {n + 3} blue balls."
        total = (
            f"{n} + {n + 3} = {2 * n + 3} balls in all, so the answer is \\boxed{{{2 * n + 3}}}."
        )
        lines.append(json.dumps({"question": text, "answer": total} | meta))
    return "\n".join(lines) + "\n"


def file(folder: Path, text: str, name: str = "rows.jsonl") -> list[Source]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return [open_file(path)]


def test_gsm8k_is_prepared_with_every_row_accounted_for(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    manifest = prepare.prepare(
        [open_file(files / "gsm8k-train-40.jsonl")], out, Plan(RULES, split=0.2), silent
    )
    assert (manifest["rows"], manifest["kept"], manifest["truncated"]) == (40, 39, 0)
    assert manifest["dropped"] == {"in a test set": 1}
    assert json.loads((out / "manifest.json").read_text()) == manifest
    for part, count in (("train", 31), ("heldout", 8)):
        path = out / manifest[part]["file"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == manifest[part]["sha256"]
        examples = list(load(path))
        assert len(examples) == manifest[part]["examples"] == count
        assert all(example.meta["role"] == "math" for example in examples)
        assert all("competitions" in example.messages[0].content for example in examples)
        assert all(
            verify_math(example.completion, example.meta["gold"]).state == "correct"
            for example in examples
        )
    (dropped,) = map(json.loads, (out / "dropped.jsonl").read_text().splitlines())
    assert dropped["place"] == "gsm8k-train-40.jsonl:21"
    assert {path.name for path in out.iterdir()} == {
        "train.jsonl", "heldout.jsonl", "dropped.jsonl", "manifest.json", ".lock",
    }  # fmt: skip


def test_a_test_set_is_refused_as_training_data(files: Path, tmp_path: Path) -> None:
    source = open_file(files / "gsm8k-test-5.jsonl")
    with pytest.raises(BadData, match="5 of 5 dropped for 'in a test set'"):
        prepare.prepare([source], tmp_path / "out", Plan(RULES), silent)
    assert not (tmp_path / "out" / "manifest.json").exists()


@pytest.mark.parametrize("key", ["test", "validation", "dev_set", "Eval"])
def test_rows_that_a_document_keeps_for_testing_are_not_trained_on(
    tmp_path: Path, key: str
) -> None:
    lines = list(map(json.loads, rows(6).splitlines()))
    document = json.dumps({"train": lines[:4], key: lines[4:]})
    report = prepare.check(file(tmp_path, document, "rows.json"), Plan(), silent)
    assert (report["rows"], report["kept"]) == (6, 4)
    assert report["dropped"] == {"of another split": 2}
    assert report["evidence"]["of another split"][0] == f"rows.json:5: under {key!r}"


def test_the_same_rows_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    sources = file(tmp_path, rows(60))
    made = [
        prepare.prepare(sources, tmp_path / name, Plan(seed=seed), silent)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    assert made[0] == made[1]
    assert made[0]["heldout"]["sha256"] != made[2]["heldout"]["sha256"]


def test_near_twins_are_dropped_and_turns_stay_together(tmp_path: Path) -> None:
    talk = [
        {
            "role": role,
            "content": f"{role} says {n} + 1 = {n + 1}, and {n + 1} + {n} = {2 * n + 1}.",
        }
        for n in range(3)
        for role in ("user", "assistant")
    ]
    twin = json.dumps({
        "question": "Problem 5: a box of kind 244 holds 5 red and 8 blue balls",
        "answer": "5 + 8 = 13 balls in all, so the answer is \\boxed{13}. Right?",
    })  # fmt: skip
    sources = [
        *file(tmp_path, rows(30) + twin + "\n"),
        *file(tmp_path, json.dumps({"messages": talk}) + "\n", "talk.jsonl"),
    ]
    manifest = prepare.prepare(sources, tmp_path / "out", Plan(Rules(near=0.7), split=0.3), silent)
    assert manifest["dropped"] == {"near duplicate": 1}
    assert manifest["evidence"]["near duplicate"] == ["rows.jsonl:31: of rows.jsonl:6"]
    parts = [list(load(tmp_path / "out" / f"{part}.jsonl")) for part in ("train", "heldout")]
    held = [sum("says" in example.completion for example in part) for part in parts]
    assert sorted(held) == [0, 3]


def test_audit_faults_are_fatal_and_leave_the_folder_as_it_was(
    tmp_path: Path, render: Renderer
) -> None:
    out = tmp_path / "out"
    good = prepare.prepare(file(tmp_path, rows(20)), out, Plan(), silent)
    sources = file(tmp_path, rows(20), "more.jsonl")
    with pytest.raises(BadData, match="20 rows fail the token audit: over the length limit"):
        prepare.prepare(sources, out, Plan(auditor=Auditor(render, 30)), silent)
    assert json.loads((out / "manifest.json").read_text()) == good
    assert not (out / ".partial").exists()


def test_long_rows_can_be_split_or_dropped_and_are_counted(
    tmp_path: Path, render: Renderer
) -> None:
    long = "".join(f"{n} + {n} = {2 * n}\n" for n in range(90))
    extra = json.dumps({"question": "Double all of it.", "answer": long}) + "\n"
    sources = file(tmp_path, rows(20) + extra)
    limit = 250
    made = {
        on_long: prepare.prepare(
            sources, tmp_path / on_long, Plan(auditor=Auditor(render, limit, on_long)), silent
        )
        for on_long in ("drop", "split")
    }
    assert made["drop"]["dropped"] == {"over the length limit": 1}
    assert made["drop"]["kept"] == 20
    assert made["split"]["audit"]["rows_split"] == 1
    parts = [
        example
        for name in ("train", "heldout")
        for example in load(tmp_path / "split" / f"{name}.jsonl")
        if "part" in example.meta
    ]
    assert "".join(part.completion for part in parts) == long.strip()
    assert made["split"]["kept"] == 20 + len(parts)
    assert made["split"]["audit"]["longest"] <= limit


def test_an_order_file_belongs_to_the_training_file(tmp_path: Path) -> None:
    def length(example: Example) -> float:
        return float(len(example.completion))

    plan = Plan(difficulty=Difficulty("length", length))
    manifest = prepare.prepare(file(tmp_path, rows(50)), tmp_path / "out", plan, silent)
    made = order.load(tmp_path / "out" / "order.json", manifest["train"]["sha256"])
    lengths = [length(example) for example in load(tmp_path / "out" / "train.jsonl")]
    assert list(made.difficulty) == lengths
    assert manifest["order"]["hardest"] == max(lengths)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"question": "", "answer": ""}\n', "1 of 0 dropped|1 dropped|no row is left"),
        (rows(1), "leaves nothing to train on"),
    ],
)
def test_what_leaves_nothing_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(BadData, match=reason):
        prepare.prepare(file(tmp_path, text), tmp_path / "out", Plan(), silent)


def test_two_at_work_on_one_folder_and_a_file_in_its_place(tmp_path: Path) -> None:
    sources = file(tmp_path, rows(20))
    with landing.staged(tmp_path / "out"), pytest.raises(BadData, match="another process"):
        prepare.prepare(sources, tmp_path / "out", Plan(), silent)
    with pytest.raises(BadData, match="is a file"):
        prepare.prepare(sources, tmp_path / "rows.jsonl", Plan(), silent)


def test_checking_finds_the_same_and_writes_nothing(files: Path, tmp_path: Path) -> None:
    sources: list[Source] = [open_file(files / "gsm8k-train-40.jsonl")]
    checked = prepare.check(sources, Plan(RULES), silent)
    made = prepare.prepare(sources, tmp_path / "out", Plan(RULES), silent)
    assert checked.items() <= made.items()


def test_task_families_are_sources_and_twins_share_a_side(tmp_path: Path) -> None:
    def made(name: str) -> list[Source]:
        return open_sources(name, settings.load(), silent, 0, ())

    sources = [*made("task:vieta:80"), *made("task:lattice-paths:80"), *made("task:dp-stairs:40")]
    manifest = prepare.prepare(sources, tmp_path / "out", Plan(RULES, split=0.25), silent)
    assert manifest["kept"] == 200
    assert not manifest["dropped"]
    sides = [
        {example.meta["group"] for example in load(tmp_path / "out" / f"{part}.jsonl")}
        for part in ("train", "heldout")
    ]
    assert not sides[0] & sides[1]
    roles = {
        (example.meta["family"], example.meta["role"])
        for example in load(tmp_path / "out" / "train.jsonl")
    }
    assert {("vieta", "math"), ("lattice-paths", "combinatorics"), ("dp-stairs", "code")} == roles


def _prepare_slowly(folder: Path) -> None:
    def slow(stage: str, done: int, total: int | None) -> None:
        (folder / "begun").touch()
        time.sleep(0.01)

    path = folder / "rows.jsonl"
    prepare._REPORT_EVERY = 1
    prepare.prepare([open_file(path)], folder / "out", Plan(), slow)


@pytest.mark.parametrize("after", [0.0, 0.15, 0.4])
def test_a_kill_leaves_no_manifest_and_the_next_run_is_whole(tmp_path: Path, after: float) -> None:
    sources = file(tmp_path, rows(200))
    process = multiprocessing.get_context("fork").Process(target=_prepare_slowly, args=(tmp_path,))
    process.start()
    while not (tmp_path / "begun").exists():
        time.sleep(0.01)
    time.sleep(after)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert not (tmp_path / "out" / "manifest.json").exists()
    manifest: dict[str, Any] = prepare.prepare(sources, tmp_path / "out", Plan(), silent)
    assert manifest["kept"] == 200


_MEASURE = """
import resource, sys
from pathlib import Path
from lemmata.data import prepare, test_sets
from lemmata.data.clean import Rules
from lemmata.data.read import open_file
from lemmata.models.progress import silent

plan = prepare.Plan(Rules(test_sets=test_sets.shipped()))
prepare.check([open_file(Path(sys.argv[1]))], plan, silent)  # everything imported
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
report = prepare.check([open_file(Path(sys.argv[2]))], plan, silent)
print(report["rows"], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_stays_bounded(tmp_path: Path) -> None:
    """A few KiB a row at most, for rows of 10 KiB that are not held."""
    few, many = tmp_path / "few.jsonl", tmp_path / "many.jsonl"
    filler = " ".join(f"w{n}" for n in range(1_500))
    for path, count in ((few, 100), (many, 800)):
        with path.open("w") as out:
            for line in rows(count).splitlines():
                fields = json.loads(line)
                fields["answer"] = f"{filler} {fields['answer']}"
                out.write(json.dumps(fields) + "\n")
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, few, many], capture_output=True, text=True, check=True
    )
    counted, grown_kib = map(int, done.stdout.split())
    assert counted == 800
    assert grown_kib < 5_000
