"""The GPU benchmark runs on any machine at its tiny size."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "bench" / "gpu_serve.py"


@pytest.mark.train
def test_the_gpu_benchmark_runs_at_its_tiny_size(tmp_path):
    out = tmp_path / "out.json"
    words = [sys.executable, str(SCRIPT), "--tiny", "--rounds", "1", "--out", str(out)]
    run = subprocess.run(words, capture_output=True, text=True, timeout=280)
    assert run.returncode == 0, run.stderr[-2000:]
    found = json.loads(out.read_text())
    rows = {(row["engine"], row["weights"], row["streams"]): row for row in found["rows"]}
    assert set(rows) == {
        (engine, weights, streams)
        for engine, weights in (("lemmata", "F16"), ("lemmata", "Q8_0"), ("transformers", "F16"))
        for streams in (1, 2)
    }
    for row in rows.values():
        assert row["tok_s"] > 0
        assert row["limit_tok_s"] > 0
    assert rows["lemmata", "F16", 1]["resident_gib"] > 0
    assert "bandwidth" in run.stdout
