"""What every command shares: exit codes, one line for an error, Ctrl-C at any moment."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from lemmata import cli
from lemmata.errors import ContextOverflow, DiskFull, LemmataError, PortTaken, UnknownModel


@pytest.mark.parametrize(
    "words",
    [
        ("doctor", "--nope"),
        ("verify", "math", "1"),
        ("verify", "maths"),
        ("serve", "--port", "x"),
        ("serve", "--port", "70000"),
        ("solve", " "),
        ("solve", "1?", "--role", "maths"),
        ("solve", "1?", "--votes", "0"),
    ],
)
def test_a_mistake_is_one_line_and_2(lemmata: Callable[..., Any], words: tuple[str, ...]) -> None:
    done = lemmata(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("lemmata: ")
    assert done.stderr.count("\n") == 1


def test_version(lemmata: Callable[..., Any]) -> None:
    assert lemmata("--version").stdout == "lemmata 0.1.0\n"


def test_nothing_asked_is_help(lemmata: Callable[..., Any]) -> None:
    done = lemmata()
    assert done.returncode == 0
    assert "serve" in done.stdout


def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: BaseException) -> None:
    """Make the command line one command that fails."""

    def build(_: object) -> Callable[..., Any]:
        def run(**__: object) -> None:
            raise fault

        return run

    monkeypatch.setenv("LEMMATA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(cli, "build", build)
    monkeypatch.setattr(sys, "argv", ["lemmata", "doctor"])


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (UnknownModel("no model x", "Choose."), 2),
        (ContextOverflow(9, 8), 2),
        (PortTaken("port 1 is taken"), 3),
        (DiskFull("full"), 3),
        (LemmataError("odd"), 4),
        (OSError(28, "No space left on device", "/x"), 3),
        (PermissionError(13, "Permission denied", "/x"), 2),
        (NotADirectoryError(20, "Not a directory", "/x/y"), 2),
        (typer.Abort(), 130),
        (KeyboardInterrupt(), 130),
        (RuntimeError("error building a validator:\n  KeyboardInterrupt: "), 130),
    ],
)
def test_exit_codes(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    fault: BaseException,
    code: int,
) -> None:
    command(monkeypatch, tmp_path, fault)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    signal.signal(signal.SIGINT, before)
    assert ended.value.code == code
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert not (tmp_path / "home").exists()


def test_a_fault_of_ours_keeps_its_traceback_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command(monkeypatch, tmp_path, ValueError("first line\nsecond"))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 4
    (kept,) = (tmp_path / "home" / "logs").iterdir()
    assert "ValueError: first line" in kept.read_text()
    told = capsys.readouterr().err
    assert told.startswith("lemmata: internal fault: ValueError: first line (")
    assert str(kept) in told
    assert told.count("\n") == 1


def test_a_fault_where_nothing_can_be_written_is_still_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command(monkeypatch, tmp_path, ValueError("x"))
    monkeypatch.setenv("LEMMATA_HOME", "/dev/null/home")
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 4
    assert "--debug" in capsys.readouterr().err


def test_a_reader_that_has_enough_is_no_fault(environment: dict[str, str]) -> None:
    words = [sys.executable, "-m", "lemmata", "doctor"]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, env=environment, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(20) in {0, 1}  # 1 is typer's own, where output is not buffered


# `-X importtime` tells, as they happen, which modules are imported: so the moment is exact.
MOMENTS = ("typer", "lemmata.cli", "lemmata.settings", "httpx", "lemmata.doctor")


@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c_at_any_moment_is_one_line(
    environment: dict[str, str], moment: str, tmp_path: Path
) -> None:
    words = [sys.executable, "-X", "importtime", "-m", "lemmata", "doctor"]
    with subprocess.Popen(
        words, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stderr is not None
        told = []
        for line in process.stderr:
            told.append(line)
            if line.rstrip().endswith(f" {moment}"):
                process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    said = [line for line in told if not line.startswith("import time:")]
    assert said == ["stopped\n"]
