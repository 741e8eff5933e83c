"""The GPU benchmark's own code, on a small model and whatever there is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.train]

SCRIPT = Path(__file__).parents[2] / "bench" / "gpu_train.py"


def test_it_measures_both_precisions_and_counts_flops(tmp_path):
    out = tmp_path / "found.json"
    command = [sys.executable, SCRIPT, "--tiny", "--tokens", "64", "--steps", "1",
               "--peers", "ours-bf16", "ours-nf4", "--peak-tflops", "1", "--out", out]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(out.read_text())
    assert [item["peer"] for item in found] == ["ours-bf16", "ours-nf4"]
    for item in found:
        assert item["tokens_per_s"] > 0, item
        assert item["mfu"] > 0
        # 4 FLOPs a linear weight and token, and an embedding weight and label, at least
        assert item["flops"] > 4 * 64 * 2 * (3 * 64 * 128 + 2 * 64 * 64)
