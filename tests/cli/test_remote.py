"""`lemmata solve` and `lemmata eval` against a server that asks for a key, as people run them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from contract.vllm_standin import serving
from lemmata.engines.echo import EchoEngine
from lemmata.server.auth import Gate
from lemmata.server.state.database import open_database
from lemmata.server.state.keys import Keys
from scripted import ScriptedEngine
from served import running

Run = Callable[..., Any]


class Guarded(NamedTuple):
    url: str
    key: str


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    """A server of ours that asks for a key; it answers 7 to everything."""
    home = tmp_path / "server"
    home.mkdir()
    keys = Keys(open_database(f"sqlite:///{home}/lemmata.db"))
    key = keys.add("laptop")
    with running(ScriptedEngine(["It is \\boxed{7}."]), home, Gate(keys)) as server:
        yield Guarded(f"{server.url}/v1", key)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "sevens.jsonl"
    path.write_text("".join(
        json.dumps({"problem": f"What is {n} + {7 - n}?", "answer": "7"}) + "\n" for n in range(4)
    ))  # fmt: skip
    return path


def kept_by(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_solve_shows_the_key_from_the_environment(
    lemmata: Run, guarded: Guarded, tmp_path: Path
) -> None:
    words = ("solve", "--url", guarded.url, "What is 3 + 4?")
    done = lemmata(*words, env={"LEMMATA_ENGINE_KEY": guarded.key})
    assert done.returncode == 0, done.stderr
    assert "Answer: 7" in done.stdout
    assert guarded.key not in done.stdout + done.stderr
    assert guarded.key.encode() not in kept_by(tmp_path / "home")


@pytest.mark.parametrize("key", ["", "lm-00000000-" + "x" * 32])
def test_without_the_right_key_the_mend_is_named(
    lemmata: Run, guarded: Guarded, rows: Path, key: str
) -> None:
    for words in (("solve", "What is 3 + 4?"), ("eval", "run", str(rows))):
        done = lemmata(*words, "--url", guarded.url, env={"LEMMATA_ENGINE_KEY": key})
        assert done.returncode == 2
        assert "Set LEMMATA_ENGINE_KEY" in done.stderr
        assert "Traceback" not in done.stderr


def test_an_adapter_of_the_server_is_asked_for_with_the_key(lemmata: Run, guarded: Guarded) -> None:
    """The server has none of that name and ours cannot be loaded into it: the answer is about the
    adapter, not about the key."""
    words = ("solve", "--url", guarded.url, "--adapter", "no-such", "What is 3 + 4?")
    done = lemmata(*words, env={"LEMMATA_ENGINE_KEY": guarded.key})
    assert done.returncode == 2
    assert "no-such" in done.stderr
    assert "KEY" not in done.stderr


def test_eval_measures_through_it_and_writes_the_key_nowhere(
    lemmata: Run, guarded: Guarded, rows: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    words = ("eval", "run", str(rows), "--url", guarded.url, "--out", str(out), "--json")
    done = lemmata(*words, env={"LEMMATA_ENGINE_KEY": guarded.key})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["cells"][0]["accuracy"]["value"] == 1.0
    told = kept_by(out) + kept_by(tmp_path / "home") + (done.stdout + done.stderr).encode()
    assert guarded.key.encode() not in told


def test_a_run_goes_on_at_another_address(
    lemmata: Run, guarded: Guarded, rows: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    key = {"LEMMATA_ENGINE_KEY": guarded.key}
    done = lemmata("eval", "run", str(rows), "--url", guarded.url, "--out", str(out), env=key)
    assert done.returncode == 0, done.stderr
    made = out / "predictions.jsonl"
    made.write_text("".join(made.read_text().splitlines(keepends=True)[:2]))
    elsewhere = guarded.url.replace("127.0.0.1", "localhost")
    done = lemmata("eval", "resume", str(out), "--model", elsewhere, "--json", env=key)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["complete"]
    assert len(made.read_text().splitlines()) == 4


def test_one_of_several_models(lemmata: Run) -> None:
    with serving(EchoEngine()) as url:
        good = lemmata("solve", "--url", url, "--model", "served/base", "\\boxed{3}")
        bad = lemmata("solve", "--url", url, "--model", "served/other", "\\boxed{3}")
    assert "Answer: 3" in good.stdout
    assert bad.returncode == 2
    assert "no 'served/other'. It serves: served/base." in bad.stderr


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("localhost:8000", "no address of a server"),
        ("ftp://host/v1", "no address of a server"),
        ("http://", "no address of a server"),
        ("http://[::1", "no address of a server"),
        ("http://me:hunter2@127.0.0.1:9/v1", "holds a name or a password"),
    ],
)
def test_what_is_no_address(lemmata: Run, rows: Path, url: str, told: str) -> None:
    for words in (("solve", "What is 3 + 4?"), ("eval", "run", str(rows))):
        done: subprocess.CompletedProcess[str] = lemmata(*words, "--url", url)
        assert done.returncode == 2
        assert told in done.stderr
        assert "hunter2" not in done.stderr
        assert done.stderr.count("\n") == 1
