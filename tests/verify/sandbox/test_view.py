"""Root's private view: nobody reaches what the sandbox needs, and only that."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from lemmata.verify.sandbox import view

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs a private view")


def test_nobody_sees_what_was_named_behind_a_closed_door_and_nothing_beside_it(
    tmp_path: Path,
) -> None:
    door = tmp_path / "door"
    (door / "wanted").mkdir(parents=True)
    (door / "wanted/file").write_text("here")
    (door / "secret").write_text("no")
    for folder in (tmp_path.parent, tmp_path, door):
        folder.chmod(0o700 if folder == door else 0o755)
    assert view.hidden(door / "wanted") is not None

    fd = view.private([str(door / "wanted")])
    try:
        script = f"cat {door}/wanted/file; ls {door}; id -u"
        seen = subprocess.run(
            [*view.enter(fd), "sh", "-c", script], pass_fds=[fd], capture_output=True, text=True,
            cwd="/", check=False,
        )  # fmt: skip
    finally:
        os.close(fd)
    assert seen.stdout == f"herewanted\n{view.NOBODY}\n", seen.stderr
    assert sorted(os.listdir(door)) == ["secret", "wanted"]  # outside nothing changed
