"""The portfolio: what it proves, how it resumes, and that nothing stops it from ending."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest

from lemmata.apps.conjecture import Found, Outcome, event_json, read, report, search
from lemmata.apps.conjecture.data.statements import statements
from lemmata.apps.conjecture.exact.sequences import liouville_sum
from lemmata.apps.conjecture.kernels.clock import Clock
from lemmata.apps.conjecture.search.blocks import Blocks
from lemmata.apps.conjecture.search.boxes import Boxes
from lemmata.apps.conjecture.search.portfolio import Search
from lemmata.apps.conjecture.search.probes import Boundary, Shrinking, Stratified
from lemmata.apps.conjecture.search.separable import Separable
from lemmata.apps.conjecture.search.smt import Solver, fits
from lemmata.errors import BadInput

FOREVER = float("inf")


def outcome_of(text: str, budget: float = 60, limit: int | None = None) -> Outcome:
    *_, last = search(read(text), budget, limit, seed=1)
    assert isinstance(last, Outcome)
    return last


# What is covered, and what is proved.


@pytest.mark.parametrize(
    ("text", "shells"),
    [
        ("for n in 5..: n > 0", [(4, 9), (9, 40)]),
        ("for n in ..: n > 0", [(-1, 3), (3, 8)]),
        ("for a in 1..; b in -2..3; c in 0..: a > 0", [(-1, 2), (2, 5)]),
        ("for n in ..-3: n < 0", [(2, 8)]),
    ],
)
def test_shells_hold_every_point_of_the_box_once(text: str, shells: list[tuple[int, int]]) -> None:
    boxes = Boxes(read(text))
    seen: list[tuple[int, ...]] = []
    for inner, outer in shells:
        before = len(seen)
        for rows in boxes.shell(inner, outer, lambda *_: None):
            columns = [rows[v.name].tolist() for v in boxes.spec.variables]
            seen += list(zip(*columns, strict=True))
        assert len(seen) - before == boxes.count(inner, outer)
    assert len(set(seen)) == len(seen)
    assert max(max(map(abs, point)) for point in seen) == shells[-1][1]


def test_reals_run_through_all_fractions_by_height() -> None:
    boxes = Boxes(read("for real x in 0..1: x >= 0"))
    points = [
        boxes.point(rows, row)[0]
        for rows in boxes.shell(-1, 5, lambda *_: None)
        for row in range(len(rows["x"]))
    ]
    assert sorted(points) == sorted({Fraction(p, q) for q in range(1, 6) for p in range(q + 1)})


def test_a_finite_domain_is_proved() -> None:
    outcome = outcome_of("for a, b in -20..20: (a + b)^2 <= 2 * (a^2 + b^2)")
    assert (outcome.state, outcome.complete, outcome.box) == ("proved", True, 41**2)


def test_a_polynomial_inequality_is_proved_by_z3_and_a_false_one_refuted() -> None:
    proved = outcome_of("for real a, b in ..: a^2 + b^2 >= 2 * a * b")
    assert proved.state == "proved"
    assert proved.proof is not None
    assert proved.proof["whole"]
    assert "Z3" in proved.proof["by"]
    assert outcome_of("for real a, b in ..: a^2 + b^2 > 2 * a * b").state == "refuted"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for n in ..: even(n * (n + 1))", True),
        ("for real x in ..: x = 0 or 1 / x > 0", False),  # Z3 would leave 1/0 free
        ("for real x in 1..: 1 / x <= 1", True),
        ("for n in 1..: prime(n)", False),
        ("for n in 1..: 2^n > n", False),
        ("for n in 1..: sum(k in 1..5: k * n) = 15 * n", True),
        ("for graph G in 1..: connected(G)", False),
    ],
)
def test_z3_is_asked_only_where_the_theory_fits(text: str, expected: bool) -> None:
    assert fits(read(text)) is expected


def test_z3_gives_a_counterexample_far_out() -> None:
    spec = read("for n in 0..: n^2 != 1234567890123 * n + 1234567890124")
    blocks = Blocks(spec, Clock(FOREVER))
    assert Solver(blocks, Clock(FOREVER), 20).advance() == (1234567890124,)


def test_a_division_by_zero_is_no_counterexample() -> None:
    outcome = outcome_of("for n in ..: 1 / n <= 1", limit=1000)
    assert outcome.state != "refuted"
    assert outcome.tally["undefined"] >= 1
    assert "undefined" in report(read("for n in ..: 1 / n <= 1"), outcome)["known"]


def test_where_int64_might_overflow_the_exact_evaluator_finds_the_truth() -> None:
    """n^13 leaves int64 at 30; with wrapping arithmetic this would fail at once."""
    assert outcome_of("for n in 1..: n^13 >= n", budget=3, limit=3000).state == "no counterexample"
    found = outcome_of("for n in 1..: n^13 != 677^13", limit=1000)
    assert found.counterexample == [677]


def test_euler_s_sum_of_powers_is_found_by_meeting_in_the_middle() -> None:
    statement = next(s for s in statements() if s.id == "euler-powers")
    blocks = Blocks(statement.gold(), Clock(FOREVER))
    separable = Separable(blocks, Clock(FOREVER), None)
    found = None
    while found is None and not separable.done:
        found = separable.advance()
    assert found == (27, 84, 110, 133, 144)


def test_what_could_not_be_decided_ends_what_is_known() -> None:
    outcome = outcome_of("for n in 1..: 2^(2^(2^n)) > n", limit=50)
    assert outcome.tally["out_of_reach"] > 0
    assert outcome.covered == 4  # 2^(2^(2^5)) has four thousand million bits
    assert outcome_of("for n in 1..9: 2^(2^(2^n)) > n").state == "no counterexample"


def test_every_probe_finds_a_needle_it_is_made_for() -> None:
    spec = read("for n in 0..: n != 2147483647")
    boundary = Boundary(Blocks(spec, Clock(FOREVER)), Clock(FOREVER), 1)
    assert (2147483647,) in [boundary.advance() for _ in range(3)]
    spec = read("for a, b in 0..: a + b < 5000 or a mod 7 != 3")
    clock = Clock(FOREVER)
    stratified = Stratified(Blocks(spec, clock), clock, 1)
    assert any(stratified.advance() is not None for _ in range(20))
    spec = read("for a, b in 0..: a + b < 5000")
    shrunk = Shrinking(Blocks(spec, clock), clock, 1).advance()
    assert shrunk is not None
    assert sum(shrunk) == 5000


def test_a_far_counterexample_is_made_minimal() -> None:
    outcome = outcome_of("for a, b in 0..: a * b < 10000 or a + b < 300 or a < 250", budget=30)
    assert outcome.counterexample == [250, 50]
    assert outcome.minimal


def test_a_bogus_kernel_hit_is_never_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a kernel lied, the judge would not confirm, and the report would say so."""
    from lemmata.apps.conjecture.kernels import sieve

    honest = sieve.prime_flags

    def lying(low: int, high: int, check):  # type: ignore[no-untyped-def]
        flags = honest(low, high, check)
        if low <= 97 <= high:
            flags[97 - low] = False
        return flags

    monkeypatch.setattr(sieve, "prime_flags", lying)
    outcome = outcome_of("for n in 97..97: prime(n)")
    assert outcome.counterexample is None
    assert outcome.tally["disagreements"] == 1


# Ending, stopping, resuming.


@pytest.mark.parametrize(
    "claim",
    ["exists a in 1..10^9: exists b in 1..10^9: a * b = 0", "prime(2^(2^n) + 2^n + 1) or n >= 0",
     "sum(k in 1..n^6: sigma(k^3)) > 0", "nthprime(10^9 * n) > n", "collatz(2^n * 3^n - 1)"],
)  # fmt: skip
def test_the_budget_holds_whatever_the_claim(claim: str) -> None:
    began = time.monotonic()
    outcome_of(f"for n in 1..: {claim}", budget=2)
    assert time.monotonic() - began < 30


def test_events_are_json_and_end_with_the_outcome() -> None:
    events = list(search(read("for n in 0..: prime(n^2 + n + 41)"), 10, seed=3))
    documents = [json.loads(json.dumps(event_json(event))) for event in events]
    assert documents[0]["kind"] == "started"
    assert documents[-1]["kind"] == "outcome"
    assert documents[-1]["counterexample"] == [40]
    assert any(isinstance(event, Found) for event in events)


POLYA = "for n in 2..: liouville_sum(n) <= 0"


def _running_sum(folder: Path) -> list[int]:
    """How far the kernel has added λ up, and to what."""
    (sums,) = json.loads((folder / "frontier.json").read_text())["main"]["kernel"]["sums"].values()
    return list(sums)


def test_a_resumed_search_goes_on_where_it_stopped(tmp_path: Path) -> None:
    spec = read(POLYA)
    *_, first = search(spec, 30, 50_000, 1, tmp_path)
    *_, second = search(spec, 30, 150_000, 1, tmp_path)
    assert isinstance(first, Outcome)
    assert isinstance(second, Outcome)
    assert (first.covered, second.covered) == (50_000, 150_000)
    assert _running_sum(tmp_path) == [150_000, liouville_sum(150_000)]  # none twice, none left out
    assert second.seconds > first.seconds


def test_closing_the_stream_keeps_the_frontier(tmp_path: Path) -> None:
    spec = read(POLYA)
    events = search(spec, 60, None, 1, tmp_path)
    for event in events:
        if event.kind == "progress":
            break
    events.close()  # type: ignore[attr-defined]
    saved = json.loads((tmp_path / "frontier.json").read_text())
    assert saved["main"]["covered"] > 1000
    sums = saved["main"]["kernel"]["sums"]
    assert [at for at, _ in sums.values()] == [saved["main"]["covered"]]


def test_a_killed_search_resumes_from_its_last_frontier(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lemmata", "conjecture", POLYA, "--yes", "--budget", "60s",
               "--out", str(tmp_path)]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    frontier = tmp_path / "frontier.json"
    waited = time.monotonic()
    while time.monotonic() - waited < 60:
        if frontier.exists() and json.loads(frontier.read_text())["main"]["covered"] > 10_000:
            break
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    saved = json.loads(frontier.read_text())["main"]["covered"]
    *_, outcome = search(read(POLYA), 30, saved + 1000, None, tmp_path)
    assert isinstance(outcome, Outcome)
    assert outcome.covered == saved + 1000
    assert _running_sum(tmp_path) == [saved + 1000, liouville_sum(saved + 1000)]


def test_one_folder_serves_one_search_and_one_conjecture(tmp_path: Path) -> None:
    spec = read(POLYA)
    running = search(spec, 30, 10**6, 1, tmp_path)
    next(iter(running))
    with pytest.raises(BadInput, match="another search is running"):
        next(iter(search(spec, 5, 100, 1, tmp_path)))
    running.close()  # type: ignore[attr-defined]
    with pytest.raises(BadInput, match="another conjecture"):
        next(iter(search(read("for n in 1..: n > 0"), 5, 100, 1, tmp_path)))


@pytest.mark.parametrize("name", ["frontier.json", "spec.json"])
def test_a_damaged_folder_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    spec = read(POLYA)
    list(search(spec, 5, 1000, 1, tmp_path))
    (tmp_path / name).write_text("{ half")
    with pytest.raises(BadInput, match="not the file"):
        list(search(spec, 5, 2000, 1, tmp_path))


def test_a_refuted_search_stays_refuted_when_resumed(tmp_path: Path) -> None:
    spec = read("for n in 0..: prime(n^2 + n + 41)")
    list(search(spec, 10, None, 1, tmp_path))
    *_, outcome = search(spec, 10, None, 1, tmp_path)
    assert isinstance(outcome, Outcome)
    assert outcome.counterexample == [40]
    assert outcome.minimal


def test_the_same_seed_finds_the_same(tmp_path: Path) -> None:
    text = "for real x in ..: x^4 - 3 * x^3 + x + 5 > 0 or x * 1000 < 2001"
    runs = [Search(read(text), 20, 4, 7) for _ in range(2)]
    found = [list(run.run())[-1].counterexample for run in runs]  # type: ignore[union-attr]
    assert found[0] == found[1]
