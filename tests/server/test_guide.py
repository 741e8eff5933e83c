"""The guides show the committed measurements, and the limits that the code has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lemmata.server import admission, limits, openai_types, protocol, run

ROOT = Path(__file__).parents[2]
FOUND = json.loads((ROOT / "bench/results/gateway.json").read_text("utf-8"))
GUIDES = ["docs/guides/server.md", "docs/guides/server.zh-CN.md"]


@pytest.mark.parametrize("guide", GUIDES)
def test_the_figures_are_the_measurements(guide: str) -> None:
    text = (ROOT / guide).read_text("utf-8").split("bench/results/gateway.json")[-1]
    deaths, gateways = FOUND["deaths"], FOUND["gateways"]
    pairs = [
        (FOUND["latency"]["added_p50_ms"], FOUND["latency"]["added_p95_ms"]),
        (deaths["server_mib"][0], deaths["server_mib"][-1]),
        (gateways["lemmata"]["added_p50_ms"], gateways["litellm"]["added_p50_ms"]),
        tuple(FOUND["connector"]["request_p50_ms"][state] for state in ("before", "now")),
        (gateways["lemmata"]["cpu_us_per_token"], gateways["litellm"]["cpu_us_per_token"]),
    ]
    for first, second in pairs:
        assert f"| {first} / {second} " in text
    streams, storm = FOUND["streams"], FOUND["storm"]
    for value in (streams["slowest_tokens_per_s"], streams["whole_and_in_order"], storm["right"]):
        assert str(value) in text
    assert (storm["wrong"], storm["unexpected"]) == (0, 0)
    assert (deaths["engine_killed"], deaths["wrong"], deaths["lost"]) == (5, 0, 0)


@pytest.mark.parametrize("guide", GUIDES)
def test_the_limits_are_those_of_the_code(guide: str) -> None:
    text = (ROOT / guide).read_text("utf-8")
    for value in (
        f"| {protocol.LARGEST_HEAD // 2**10} KiB",
        f"{protocol.HEAD_SECONDS:.0f} ",
        f"| {limits.DEFAULT // 2**20} MiB",
        f"{limits.UPLOAD // 2**20} MiB |",
        f"| {limits.SILENT_SECONDS:.0f} ",
        f"| {admission.SLOTS}",
        f"{admission.WAITING} |",
        f"| {openai_types.MAX_CHOICES} |",
        f"{run.DRAIN_SECONDS} ",
    ):
        assert value in text, value
