"""The same walls for an ordinary user. Under root the tests go on as `nobody`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import lemmata
from lemmata.verify.sandbox import view

PROBE = """
import json, os
from lemmata.verify import Limits, Stdio, judge
from lemmata.verify.sandbox import open_sandbox
with open_sandbox(size=1, least="full") as sandbox:
    fork_bomb = "import os\\nn = 0\\ntry:\\n  while n < 999:\\n    n += 1\\n"
    fork_bomb += "    os.fork() or os._exit(0)\\nexcept OSError: pass\\nprint(n < 100)"
    inodes = "import os\\nfor n in range(10**7): os.mkdir(str(n))"
    spin, grow = "while True: pass", "x = []\\nwhile True: x.append(bytearray(b'x') * 2**20)"
    tight = Limits(time_s=3, wall_s=30, memory_mib=48)
    letters = [
        judge(program, [Stdio("2", answer)], limits, sandbox=sandbox).verdict
        for program, answer, limits in (
            ("print(int(input()) * 2)", "4", None),
            (fork_bomb, "True", None),
            (spin, "", Limits(time_s=0.3, wall_s=1)),
            (grow, "", tight),
            (inodes, "", tight),
            ("import os; print(os.getuid())", "65534", None),
        )
    ]
    print(json.dumps([os.getuid(), sandbox.level.rung, list(sandbox.level.walls), letters]))
"""


def test_as_an_ordinary_user() -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/tmp"}
    command = [sys.executable, "-c", PROBE]
    passed: list[int] = []
    if os.geteuid() == 0:
        source = Path(lemmata.__file__).parents[1]
        try:
            passed = [view.private([str(source), sys.prefix, sys.base_prefix])]
        except OSError as error:
            pytest.skip(f"root cannot show nobody the interpreter here: {error}")
        command = [*view.enter(passed[0]), *command]
    ran = subprocess.run(
        command, env=environment, pass_fds=passed, cwd="/", capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    for fd in passed:
        os.close(fd)
    assert ran.returncode == 0, ran.stderr
    user, rung, walls, letters = json.loads(ran.stdout)
    assert user != 0
    assert rung == "full"
    assert "user namespace" in walls
    assert letters == ["AC", "AC", "TLE", "MLE", "MLE", "AC"]
