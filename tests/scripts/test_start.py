"""start.sh on machines that lack something: one line that says what to do, and exit code 3.

Each test runs the real script in a copy of the files it needs, with a PATH of chosen programs.
"""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = [
    "bash",
    "env",
    "cat",
    "cksum",
    "tr",
    "df",
    "awk",
    "readlink",
    "dirname",
    "tee",
    "grep",
    "tail",
    "cut",
    "rm",
    "mkdir",
    "nproc",
    "sed",
    "uname",
    "ldd",
    "ldconfig",
]


@pytest.fixture
def checkout(tmp_path):
    """What start.sh reads, copied into an empty folder."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in ("start.sh", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    return folder


@pytest.fixture
def programs(tmp_path):
    """A PATH folder without Python and without a compiler."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in PROGRAMS:
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    return folder


def with_python(programs: Path) -> Path:
    (programs / "python3").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    return programs


def run(checkout: Path, path: Path, *arguments: str, wrap: tuple[str, ...] = (), **env: str):
    return subprocess.run(
        [*wrap, shutil.which("bash"), "start.sh", *arguments],
        cwd=checkout,
        env={"PATH": str(path), "HOME": str(checkout), "LANG": "C.UTF-8", **env},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def assert_one_line(result, *parts: str) -> None:
    told = [line for line in result.stderr.splitlines() if line.startswith("lemmata: ")]
    assert len(told) == 1, result.stderr
    assert all(part in told[0] for part in parts), told[0]
    assert (result.returncode, result.stdout) == (3, "")


def test_port_taken_is_told_before_anything_is_installed(checkout, programs):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_one_line(run(checkout, programs, LEMMATA_PORT=port), port, "is taken")
    assert not (checkout / ".venv").exists()


def test_no_python(checkout, programs):
    assert_one_line(run(checkout, programs, "setup"), "Python 3.11", "apt install")


def test_old_python_is_no_python(checkout, programs):
    old = programs / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")  # what `sys.exit(version < 3.11)` of an old one does
    old.chmod(0o755)
    assert_one_line(run(checkout, programs, "setup"), "Python 3.11")


def test_no_venv_module(checkout, programs):
    real = Path(sys.base_prefix) / "bin" / "python3"
    bare = programs / "python3"
    hide = "import sys; sys.modules['ensurepip'] = None"
    bare.write_text(f'#!/bin/sh\n[ "$1" = -c ] && exec {real} -c "{hide}; $2"\nexec {real} "$@"\n')
    bare.chmod(0o755)
    assert_one_line(run(checkout, programs, "setup"), "venv", "apt install python3-venv")


def test_no_network(checkout, programs):
    result = run(
        checkout, with_python(programs), "setup",
        PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0", PIP_CONFIG_FILE=os.devnull,
    )  # fmt: skip
    assert_one_line(result, "cannot be reached", "mirror")


def test_no_compiler(checkout, programs):
    passed_on = {k: v for k, v in os.environ.items() if k.startswith("PIP_") or "CERT" in k}
    result = run(checkout, with_python(programs), "setup", **passed_on)
    assert_one_line(result, "no C++ compiler", "apt install g++")


def test_disk_too_small(checkout, programs):
    small = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-ec")
    mount = (
        'here=$PWD; cp -r . "$0"; cd /; mount -t tmpfs -o size=64m none "$here"; '
        'cp -r "$0"/. "$here"; cd "$here"; exec "$@"'
    )
    wrap = (*small, mount, str(checkout.parent / "saved"))
    probe = [shutil.which("unshare") or "unshare", *small[1:], "true"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("user namespaces are not allowed here, so no small disk can be made")
    for name in ("unshare", "sh", "cp", "mount"):
        (programs / name).symlink_to(shutil.which(name))
    result = run(checkout, with_python(programs), "setup", wrap=wrap)
    assert_one_line(result, "MiB are free", "2 GiB are needed")
    assert not (checkout / ".venv").exists()


def test_the_chinese_name_is_the_same_script():
    assert (ROOT / "1键推理.sh").samefile(ROOT / "start.sh")
