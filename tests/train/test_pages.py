"""Freed buffers are used again, and given back when asked."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = [pytest.mark.train, pytest.mark.skipif(sys.platform != "linux", reason="glibc's")]

_TAKEN_AND_FREED = """
import resource, sys, torch, psutil
from lemmata.train import pages
if sys.argv[1] == "kept":
    pages.keep()

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(8):
        torch.ones(16 * 2**20)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

faults()
again, held = faults(), psutil.Process().memory_info().rss
pages.give_back()
print(again, held - psutil.Process().memory_info().rss)
"""


def _told(how: str) -> tuple[int, int]:
    """Page faults of taking and freeing 64 MiB eight times, and bytes given back after that."""
    done = subprocess.run(
        [sys.executable, "-c", _TAKEN_AND_FREED, how], capture_output=True, text=True, check=True
    )
    again, returned = map(int, done.stdout.split())
    return again, returned


def test_buffers_are_not_asked_for_anew_until_they_are_given_back():
    again, returned = _told("kept")
    assert again < 100
    assert returned > 32 * 2**20
    assert _told("plain")[0] > again + 8
