"""The simulation is what its guide says, and its parts behave as queues do."""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RESULTS = json.loads((ROOT / "bench" / "results" / "scale.json").read_text())


@pytest.fixture(scope="module")
def scale():
    spec = importlib.util.spec_from_file_location("bench_scale", ROOT / "bench" / "scale.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.mark.parametrize(("guide", "yes", "no"), [("", "yes", "no"), (".zh-CN", "是", "否")])
def test_every_figure_of_the_guide_is_in_the_results(guide, yes, no):
    text = (ROOT / "docs" / "guides" / f"scale{guide}.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|") and line[2].isdigit()]
    wanted = []
    for part in ("one_replica", "replicas", "adapters"):
        for run in RESULTS[part]:
            affinity = [yes if run["affinity"] else no] if part == "adapters" else []
            cells = [
                f"{run['replicas']}", f"{run['adapters']}", *affinity,
                f"{run['requests_a_second']:g}", f"{run['tokens_a_second']:,}",
                f"{run['first_token_p95_s']:g}", f"{run['fetches_a_request']:g}",
                f"{run['dollars_a_million_tokens']:g}",
            ]  # fmt: skip
            wanted.append(f"| {' | '.join(cells)} |")
    assert rows == wanted


def test_the_results_are_those_of_these_inputs(scale):
    run = RESULTS["one_replica"][0]
    again = scale.simulate(1, run["requests_a_second"], run["adapters"])
    assert again == run


def test_a_step_is_bound_by_memory_and_then_by_arithmetic(scale):
    gpu, load = scale.Gpu(), scale.Load()
    one = scale.step_seconds(gpu, load, 1, 0, 0)
    assert one == pytest.approx(3.09e9 / 210e9 * 1.15 + 0.003)
    assert scale.step_seconds(gpu, load, 8, 0, 0) == one
    assert scale.step_seconds(gpu, load, 8, 0, 4000) > 5 * one


def test_no_job_is_lost_and_no_adapter_in_use_leaves(scale):
    replica = scale.Replica(scale.Gpu(), replace(scale.Load(), slots=2, batch=4))
    for number in range(12):
        replica.add(scale.Job(0.0, number % 5, 60))
    done = []
    for second in range(1, 400):
        done += replica.run(float(second))
        assert len(replica.held) <= 2
        used = {job.adapter for _, _, job in replica.running}
        assert used <= set(replica.held)
    assert len(done) == 12
    assert (replica.busy, replica.cached, replica.tokens) == (0, 0, 12 * 60)
