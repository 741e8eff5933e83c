"""`lemmata eval` as people run it: the real command, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "boxes.jsonl"
    lines = [json.dumps({"problem": f"\\boxed{{{n}}}", "answer": str(n % 3)}) for n in range(9)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def run(lemmata: Run, rows: Path, tmp_path: Path) -> Path:
    words = ("--model", "echo", "--role", "none", "--out", str(tmp_path / "run"))
    done = lemmata("eval", "run", str(rows), *words)
    assert done.returncode == 0, done.stderr
    return tmp_path / "run"


def test_a_table_on_stdout_and_progress_on_stderr(lemmata: Run, rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = lemmata("eval", "run", str(rows), "--model", "echo", "--role", "none", "--out", str(out))
    assert "33.3 %" in done.stdout
    assert "pass@" not in done.stdout
    assert f"report:  {out / 'report.html'}" in done.stdout
    assert "9/9, 33 % right so far" in done.stderr


def test_several_attempts_tell_pass_and_cons(lemmata: Run, rows: Path, tmp_path: Path) -> None:
    words = ("--model", "echo", "--role", "none", "--k", "2", "--out", str(tmp_path / "run"))
    done = lemmata("eval", "run", str(rows), *words)
    assert done.returncode == 0, done.stderr
    head = next(line for line in done.stdout.splitlines() if "accuracy" in line)
    assert {"pass@2", "cons@2", "wrong"} <= set(head.split())


def test_json_is_one_document(lemmata: Run, rows: Path, run: Path) -> None:
    words = ("--model", "echo", "--role", "none", "--out", str(run), "--json")
    document = json.loads(lemmata("eval", "run", str(rows), *words).stdout)
    assert document["cells"][0]["accuracy"]["value"] == pytest.approx(1 / 3, abs=1e-6)
    assert document["folder"] == str(run)
    assert document["model"]["name"] == "echo"


def test_rescore_report_resume_compare_list(lemmata: Run, run: Path) -> None:
    for words in (("rescore", run), ("report", run), ("resume", run), ("compare", run, run)):
        done = lemmata("eval", *map(str, words))
        assert done.returncode == 0, (words, done.stderr)
    same = json.loads(lemmata("eval", "compare", str(run), str(run), "--json").stdout)
    assert same["contrasts"][0]["difference"]["value"] == 0
    listing = json.loads(lemmata("eval", "list", "--json").stdout)
    assert {"gsm8k", "mgsm", "aime24", "counting"} <= {b["name"] for b in listing["benchmarks"]}
    assert "vibethinker" in lemmata("eval", "list").stdout


@pytest.mark.parametrize("given", [True, False])
def test_two_benchmarks_of_one_name(given: bool, lemmata: Run, rows: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / rows.name
    other.parent.mkdir()
    other.write_text('{"problem": "\\\\boxed{1}", "answer": "1"}\n')
    out = ("--out", str(tmp_path / "runs")) if given else ()
    done = lemmata("eval", "run", str(rows), str(other), "--model", "echo", "--json", *out)
    first, second = json.loads(done.stdout)
    assert first["folder"] != second["folder"]
    assert [each["cells"][0]["items"] for each in (first, second)] == [9, 1]


def test_several_at_once(lemmata: Run, tmp_path: Path) -> None:
    words = ("aime24", "hmmt25", "--limit", "1", "--model", "echo", "--protocol", "vibethinker")
    out = tmp_path / "both"
    done = lemmata("eval", "run", *words, "--k", "2", "--max-tokens", "9", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert {path.name for path in out.iterdir() if path.is_dir()} == {"aime24", "hmmt25"}
    told = json.loads((out / "aime24" / "run.json").read_text())
    assert told["plan"]["protocol"] == "vibethinker"
    assert told["plan"]["cells"][0]["role"] == "official"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("run", "gsm8"), 2, "Did you mean 'gsm8k'"),
        (("run", "no/such.jsonl"), 2, "there is no file"),
        (("run", "aime24", "--model", "echo", "--out", "/dev/null/x"), 2, "cannot make the folder"),
        (("run", "aime24", "--model", "echo", "--temperature", "3"), 2, "--temperature"),
        (("run", "/"), 2, "is a folder"),
        (("run", "aime24", "--model", "echo", "--language", "fr"), 2, "no language 'fr'"),
        (("run", "aime24", "--model", "no-such-model"), 2, "no-such-model"),
        (("run", "counting", "--model", "echo", "--adapter", "none-such"), 2, "none-such"),
        (("run", "aime24", "--model", "echo", "--role", "maths"), 2, "Did you mean 'math'"),
        (("run", "aime24", "--model", "echo", "--k", "2", "--temperature", "0"), 2, "greedy"),
        (("run", "aime24", "--url", "http://127.0.0.1:9"), 4, "not answering"),
        (("report", "no-such-run"), 2, "holds no run"),
        (("compare", "no-such-run", "other"), 2, "holds no run"),
    ],
)
def test_mistakes_are_one_line(lemmata: Run, words: tuple[str, ...], code: int, told: str) -> None:
    done = lemmata("eval", *words)
    last = done.stderr.splitlines()[-1]
    assert (done.returncode, last[:9]) == (code, "lemmata: "), done.stderr
    assert told in last
    assert "Traceback" not in done.stderr
    assert not Path("no-such-run").exists()


def test_a_bad_row_and_a_folder_in_use(lemmata: Run, rows: Path, tmp_path: Path, run: Path) -> None:
    from filelock import FileLock

    bad = tmp_path / "bad.jsonl"
    bad.write_text(rows.read_text() + '{"problem": "?"\n')
    done = lemmata("eval", "run", str(bad), "--model", "echo")
    assert done.returncode == 2
    assert "bad.jsonl:10" in done.stderr
    with FileLock(run / ".lock"):
        words = ("--model", "echo", "--role", "none", "--out", str(run))
        done = lemmata("eval", "run", str(rows), *words)
    assert done.returncode == 2
    assert "another run is at work" in done.stderr


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(
    environment: dict[str, str], tmp_path: Path
) -> None:
    import signal

    rows, out = tmp_path / "many.jsonl", tmp_path / "run"
    lines = [json.dumps({"problem": f"{n} " * 400, "answer": str(n)}) for n in range(300)]
    rows.write_text("\n".join(lines))
    words = [sys.executable, "-m", "lemmata", "eval", "run", str(rows), "--model", "echo",
             "--role", "none", "--out", str(out), "--concurrency", "1"]  # fmt: skip
    pipe = subprocess.PIPE
    with subprocess.Popen(words, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        made = out / "predictions.jsonl"
        while not (made.exists() and made.read_bytes().count(b"\n")):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=120)
    assert process.returncode == 130
    assert f"lemmata eval resume {out}" in told
    assert "Traceback" not in told
