"""`lemmata solve` against the engine that answers with the question."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]
ECHO = ("solve", "--model", "echo")


def test_derivation_answer_verdict(lemmata: Run) -> None:
    done = lemmata(*ECHO, "So 6*7=42 and it is \\boxed{42}.")
    assert done.returncode == 0
    assert done.stdout == (
        "So 6*7=42 and it is \\boxed{42}.\n\nAnswer: 42\n"
        "Verdict: checked (every step was checked and holds)\n"
    )
    first, spent = done.stderr.splitlines()
    assert first == "1 of 1 steps could be checked and hold"
    assert spent.endswith(" s, role math, en")


@pytest.mark.parametrize(("gold", "code"), [("84/2", 0), ("41", 1)])
def test_gold_decides_the_exit_code(lemmata: Run, gold: str, code: int) -> None:
    assert lemmata(*ECHO, "\\boxed{42}", "--gold", gold).returncode == code


def test_json_is_one_document_with_the_types_own_fields(lemmata: Run) -> None:
    done = lemmata(*ECHO, "<think>hm</think>\\boxed{42}", "--gold", "42", "--json")
    solution = json.loads(done.stdout)
    assert solution["verdict"]["state"] == "correct"
    assert (solution["reasoning"], solution["derivation"]) == ("hm", "\\boxed{42}")
    assert done.stderr == ""


def test_thinking_is_progress_not_data(lemmata: Run) -> None:
    done = lemmata(*ECHO, "<think>hm</think>\\boxed{42}")
    assert "hm" not in done.stdout
    assert "hm" in done.stderr


def test_the_problem_from_stdin(lemmata: Run) -> None:
    assert "Answer: 7" in lemmata(*ECHO, "-", input="\\boxed{7}\n").stdout
    assert lemmata(*ECHO, "-", input="").returncode == 2


def test_votes(lemmata: Run) -> None:
    sampled = ("--votes", "3", "--temperature", "0.01", "--seed", "1", "--no-step-weights")
    done = lemmata(*ECHO, "\\boxed{7}", *sampled)
    assert done.returncode == 0
    assert done.stderr.count("/3: ") == 2
    assert "1 more could not change it" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        (*ECHO, "1?", "--adapter", "no-such"),
        (*ECHO, "1?", "--adapter", "./no-such"),
        (*ECHO, "1? " * 2000),
        (*ECHO, "1?", "--votes", "2", "--temperature", "0"),
        ("solve", "1?", "--model", "no-such-model"),
    ],
)
def test_bad_input_is_one_line_and_2(lemmata: Run, words: tuple[str, ...]) -> None:
    done = lemmata(*words)
    assert done.returncode == 2
    assert done.stderr.startswith("lemmata: ")
    assert done.stderr.count("\n") == 1


def test_a_server_that_is_not_there(lemmata: Run) -> None:
    done = lemmata("solve", "1?", "--url", "http://127.0.0.1:9/v1")
    assert done.returncode in {3, 4}
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def interrupted(environment: dict[str, str]) -> tuple[str, str]:
    """What a solve wrote to stdout before Ctrl-C reached it, and all of its stderr. On a busy
    machine it may be done before the signal comes: then another is begun."""
    text = " ".join(map(str, range(900)))  # nothing that repeats itself
    words = [sys.executable, "-m", "lemmata", *ECHO, "--role", "none", text]
    pipe = subprocess.PIPE
    for _ in range(10):
        with subprocess.Popen(
            words, env=environment, stdout=pipe, stderr=pipe, text=True
        ) as process:
            assert process.stdout is not None
            begun = process.stdout.read(40)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=60)
        if process.returncode == 130:
            return begun, told
    raise AssertionError("every solve was done before it was interrupted")


def test_ctrl_c_in_mid_derivation(environment: dict[str, str]) -> None:
    _, told = interrupted(environment)
    assert told.splitlines()[-1] == "stopped"
    assert "Traceback" not in told


def test_ctrl_c_keeps_what_was_derived(environment: dict[str, str], lemmata: Run) -> None:
    begun, told = interrupted(environment)
    (line,) = (line for line in told.splitlines() if "--resume" in line)
    done = lemmata("solve", "--resume", line.split()[-1], "--json")
    assert done.returncode == 0
    assert "going on with 0 finished and 1 begun derivations" in done.stderr
    assert json.loads(done.stdout)["derivation"].startswith(begun)


def test_what_was_resumed_is_shown_whole(environment: dict[str, str], lemmata: Run) -> None:
    begun, told = interrupted(environment)
    (line,) = (line for line in told.splitlines() if "--resume" in line)
    for _ in range(2):  # gone on with, and asked for again when it is finished
        assert lemmata("solve", "--resume", line.split()[-1]).stdout.startswith(begun)


def test_resuming_what_is_not_there(lemmata: Run) -> None:
    done = lemmata("solve", "--resume", "0123456789ab")
    assert done.returncode == 2
    assert "no solve" in done.stderr
    assert lemmata("solve").returncode == 2
    assert lemmata("solve", "1?", "--resume", "0123456789ab").returncode == 2


def test_small_talk_is_declined_unless_asked_for(lemmata: Run) -> None:
    done = lemmata(*ECHO, "Hello!", "--json")
    assert "reasoning model" in done.stderr
    assert json.loads(done.stdout)["answer"] is None
    assert "Hello!" in lemmata(*ECHO, "Hello!", "--anyway").stdout


def test_compound_questions_show_their_plan(lemmata: Run) -> None:
    done = lemmata(*ECHO, "1. What is \\boxed{4}?\n2. What is \\boxed{5}?")
    assert "2 questions (numbered):" in done.stderr
    assert done.stdout.startswith("(1) What is \\boxed{4}?\n\n(2) Already found:")
    assert "Answer: (1) 4; (2) 5" in done.stdout


def test_an_unknown_policy_is_refused_before_anything_is_loaded(lemmata: Run) -> None:
    done = lemmata(*ECHO, "1?", "--policy", "chinese")
    assert done.returncode == 2
    assert "english-frame" in done.stderr
