from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lemmata.models.stored import StoredModel

FILES = Path(__file__).parent.parent / "data" / "files"
GSM8K = FILES / "gsm8k-train-40.jsonl"
Run = Callable[..., Any]


def test_check_says_what_it_guessed_found_and_would_drop(lemmata: Run) -> None:
    done = lemmata("data", "check", str(GSM8K))
    assert done.returncode == 1
    assert "JSONL (utf-8), format question, answer (GSM8K" in done.stderr
    assert "40 rows, 40 examples, 39 kept" in done.stdout
    assert "in a test set: gsm8k-train-40.jsonl:21: gsm8k-test: bought stamps" in done.stdout


def test_check_prints_one_json_document(lemmata: Run, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    good = {
        "question": "A box has 3 red and 4 blue pens. How many pens?",
        "answer": "3 + 4 = 7 pens",
    }
    wrong = {"question": "A bag has 5 red and 6 blue nuts. How many?", "answer": "5 + 6 = 12 nuts"}
    path.write_text(f"{json.dumps(good)}\n{{broken\n{json.dumps(wrong)}\n")
    done = lemmata("data", "check", str(path), "--json")
    report = json.loads(done.stdout)
    assert report["dropped"] == {"broken": 1, "wrong arithmetic": 1}
    assert report["evidence"]["broken"][0].startswith("rows.jsonl:2: not JSON")
    assert "11, not 12" in report["evidence"]["wrong arithmetic"][0]
    assert done.returncode == 1


def test_prepare_writes_the_folder_and_says_where(lemmata: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = lemmata(
        "data", "prepare", str(GSM8K), "task:vieta:60", "--out", str(out), "--model", "none",
        "--split", "0.2", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    manifest = json.loads(done.stdout)
    assert manifest["kept"] == 99
    assert manifest["rules"]["derivations_checked"]
    assert (out / "train.jsonl").read_text().count("\n") == manifest["train"]["examples"]
    again = lemmata("data", "check", str(out / "train.jsonl"))
    assert again.returncode == 0, again.stdout
    assert "format messages with completion" in again.stderr


def test_tasks_lists_every_family(lemmata: Run) -> None:
    done = lemmata("data", "tasks", "--json")
    listing = json.loads(done.stdout)
    names = {family["name"] for family in listing["families"]}
    assert {"vieta", "dp-knapsack", "gcd-and-lcm"} <= names
    assert set().union(*listing["sets"].values()) <= names
    assert "task:lattice-paths" in lemmata("data", "tasks").stdout


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("check", "nowhere.jsonl"), "there is no file nowhere.jsonl"),
        (("check", "task:veita"), "Did you mean 'vieta'?"),
        (("check", str(FILES / "README.md")), "neither JSON, JSONL, CSV nor Parquet"),
        (("check", str(FILES)), "is a folder"),
        (("check", str(GSM8K), "--test", "nowhere.jsonl"), "there is no file nowhere.jsonl"),
        (("prepare", str(GSM8K), "--out", "out"), "has not been fetched yet"),
        (("prepare", str(GSM8K), "--out", "out", "--model", "none", "--role", "x"), "no role 'x'"),
        (
            ("prepare", str(GSM8K), "--out", "out", "--model", "none", "--order", "nll"),
            "--order nll needs a model",
        ),
        (
            ("prepare", str(FILES / "gsm8k-test-5.jsonl"), "--out", "out", "--model", "none"),
            "5 of 5 dropped for 'in a test set'",
        ),
    ],
)
def test_a_mistake_is_one_line(
    lemmata: Run, tmp_path: Path, words: tuple[str, ...], reason: str
) -> None:
    done = lemmata("data", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout


def test_the_hub_offline_is_said(lemmata: Run) -> None:
    done = lemmata("data", "check", "hf:openai/gsm8k", env={"HF_HUB_OFFLINE": "1"})
    assert done.returncode == 3
    assert "HF_HUB_OFFLINE" in done.stderr


@pytest.mark.model
def test_with_a_model_every_token_is_audited_and_rows_ordered(
    lemmata: Run, default_model: StoredModel, lemmata_home: Path, tmp_path: Path
) -> None:
    home = {"LEMMATA_HOME": str(lemmata_home)}
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(GSM8K.read_text("utf-8").splitlines(keepends=True)[:6]), "utf-8")
    shown = lemmata("data", "check", str(path), "--show", "3", env=home)
    assert shown.returncode == 0, shown.stderr
    assert "⟦" in shown.stdout
    assert "<|im_end|>⟧" in shown.stdout
    assert "ends with <|im_end|>" in shown.stdout
    out = tmp_path / "out"
    done = lemmata(
        "data", "prepare", str(path), "task:series:2", "--out", str(out), "--order", "nll",
        "--max-tokens", "700", "--json", env=home,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    manifest = json.loads(done.stdout)
    assert manifest["audit"]["serving_compared"]
    assert not manifest["audit"]["faults"]
    assert manifest["audit"]["model"] == default_model.name
    assert 0 < manifest["order"]["easiest"] < manifest["order"]["hardest"] < 20
    before = (out / "manifest.json").read_bytes()
    long = lemmata("data", "prepare", str(path), "--out", str(out), "--max-tokens", "100", env=home)
    assert long.returncode == 2
    assert "over the length limit" in long.stderr
    assert "rows are never cut" in long.stderr
    assert (out / "manifest.json").read_bytes() == before
    shutil.rmtree(out)
