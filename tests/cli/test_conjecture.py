"""`lemmata conjecture`: exit codes, one JSON document, editing, resuming, stopping."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "lemmata", "conjecture"]


def run(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [*COMMAND, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL,
        timeout=120, check=False, **more,
    )  # fmt: skip


def test_a_false_statement_exits_1_and_prints_one_json_document(tmp_path: Path) -> None:
    done = run("n^2 + n + 41 is prime for every integer n >= 0.", "--json", "--out", str(tmp_path))
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert document["known"] == "Refuted: n = 40 is the smallest counterexample."
    assert "For every integer n at least 0: n^2 + n + 41 is prime." in done.stderr
    checker = subprocess.run([sys.executable, tmp_path / "checker.py"], check=False)
    assert checker.returncode == 0


def test_goldbach_prints_its_seed_table_and_exits_0() -> None:
    done = run("每个大于2的偶数都是两个素数之和。", "--limit", "10000", "--budget", "20")
    assert done.returncode == 0
    assert "n ≤ 10,000 时没有反例" in done.stdout
    assert [line.split()[:3] for line in done.stdout.splitlines()[1:3]] == [
        ["4", "2", "2"], ["6", "3", "3"],
    ]  # fmt: skip
    assert "对每个不小于3的整数 n，只要n是偶数" in done.stderr
    assert "covered so far" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["There are infinitely many twin primes."], "cannot formalise"),
        ([""], "the statement is empty"),
        ([], "give a statement"),
        (["n is prime", "--spec", "x"], "only one"),
        (["--spec", "/nonexistent/file"], "cannot read"),
        (["--resume", "/tmp/no-such-search-here"], "no search to resume"),
        (["for n in 1..: n + 1"], "is a value"),
        (["for n in 1..: n > 0", "--budget", "soon"], "is no budget"),
        (["for n in 1..: n > 0", "--budget", "-5s"], "is no budget"),
    ],
)
def test_bad_input_exits_2_with_one_line(arguments: list[str], cause: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert cause in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not Path("/tmp/no-such-search-here").exists()


def test_a_spec_file_in_either_form(tmp_path: Path) -> None:
    text = tmp_path / "spec.txt"
    text.write_text("# mine\nfor n in 1..30:\n  2^n > n\n")
    done = run("--spec", str(text), "--json")
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert document["state"] == "proved"
    (tmp_path / "spec.json").write_text(json.dumps(document["spec"]))
    again = run("--spec", str(tmp_path / "spec.json"), "--json")
    assert json.loads(again.stdout)["text"] == document["text"]


def test_editing_changes_what_is_searched(tmp_path: Path) -> None:
    editor = tmp_path / "editor.sh"
    editor.write_text('#!/bin/sh\nsed -i "s/41/43/" "$1"\n')
    editor.chmod(0o755)
    env = {"PATH": "/usr/bin:/bin", "EDITOR": str(editor), "LEMMATA_HOME": str(tmp_path)}
    done = run("n^2 + n + 41 is prime for every integer n >= 0.", "--edit", "--json", env=env)
    assert "n^2 + n + 43 is prime" in done.stderr
    assert json.loads(done.stdout)["counterexample"] == [1]


def test_ctrl_c_keeps_the_frontier_and_resume_goes_on(tmp_path: Path) -> None:
    statement = "for n in 1..: collatz(n)"
    process = subprocess.Popen(
        [*COMMAND, statement, "--yes", "--budget", "100s", "--out", str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    frontier = tmp_path / "frontier.json"
    waited = time.monotonic()
    while not frontier.exists() and time.monotonic() - waited < 60:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the frontier is kept" in err
    assert "No counterexample for n ≤" in out
    covered = json.loads(frontier.read_text())["main"]["covered"]
    done = run("--resume", str(tmp_path), "--limit", str(covered + 100), "--json")
    assert done.returncode == 0
    assert f"covered so far: {covered:,}" in done.stderr
    assert json.loads(done.stdout)["covered"] == covered + 100
