"""A run: complete, resumable after anything, and never two in one folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from eval.conftest import EXACT, QUICK, adds, measured, run_of
from lemmata.engines.base import Request
from lemmata.errors import BadData, BadInput, DiskFull, EngineDied, Overloaded
from lemmata.eval import folder
from lemmata.eval.compare import compare
from lemmata.eval.identity import ModelIdentity
from lemmata.eval.run import Standing, again, rescore
from lemmata.settings import Settings
from scripted import ScriptedEngine


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "run"


def test_what_a_run_leaves(rows: Path, settings: Settings, place: Path) -> None:
    told: list[Standing] = []
    report = measured(run_of(str(rows), settings), ScriptedEngine(adds), place, watch=told.append)
    assert report.complete
    assert report.cells[0].accuracy.value == 0.5
    assert report.cells[0].checked_steps >= 12
    assert report.cells[0].wrong_steps is not None
    assert (told[-1].done, told[-1].total, told[-1].right) == (12, 12, 6)
    assert told[-1].eta_s == 0
    assert all(each.eta_s for each in told[:-1])
    written = json.loads((place / folder.RESULTS).read_text())
    assert written["cells"][0]["accuracy"]["value"] == 0.5
    assert written["complete"]
    assert {path.name for path in place.iterdir()} == {
        ".lock", "run.json", "items.jsonl", "predictions.jsonl", "grades.jsonl", "results.json",
        "report.html",
    }  # fmt: skip


def test_nothing_is_made_twice(rows: Path, settings: Settings, place: Path) -> None:
    run = run_of(str(rows), settings)
    first = measured(run, ScriptedEngine(adds), place)
    engine = ScriptedEngine(adds)
    assert measured(run, engine, place).as_json() == first.as_json()
    assert engine.requests == []


def test_the_costs_of_a_run_add_up_to_its_time(rows: Path, settings: Settings, place: Path) -> None:
    began = time.monotonic()
    report = measured(run_of(str(rows), settings), ScriptedEngine(adds, delay=0.0005), place)
    assert 0 < report.cells[0].seconds <= time.monotonic() - began


def test_a_dead_engine_loses_nothing(rows: Path, settings: Settings, place: Path) -> None:
    run = run_of(str(rows), settings)
    engine = ScriptedEngine(adds)
    engine.dies_after = 300
    with pytest.raises(EngineDied):
        measured(run, engine, place, at_once=2)
    kept = folder.read_predictions(place)
    assert 0 < len(kept) < 12
    partial = again(place)
    assert not partial.complete
    assert partial.cells[0].items == len(kept)
    assert "not complete" in (place / folder.REPORT).read_text()
    second = ScriptedEngine(adds)
    report = measured(run, second, place)
    assert report.complete
    assert len(second.requests) == 12 - len(kept)


def test_an_engine_that_fails_now_and_then(rows: Path, settings: Settings, place: Path) -> None:
    """Each request fails twice and succeeds the third time."""
    failures: Counter[str] = Counter()

    def unsteady(request: Request) -> str:
        failures[request.id] += 1
        if failures[request.id] < 3:
            raise (EngineDied if failures[request.id] == 1 else Overloaded)("for a moment")
        return adds(request)

    report = measured(run_of(str(rows), settings), ScriptedEngine(unsteady), place)
    assert report.complete
    assert report.cells[0].accuracy.value == 0.5
    assert set(failures.values()) == {3}


def test_a_prompt_beyond_the_context_counts_as_wrong(
    tmp_path: Path, settings: Settings, place: Path
) -> None:
    path = tmp_path / "long.jsonl"
    long = json.dumps({"problem": "What is 1 + 1? " * 400, "answer": "2"})
    path.write_text(f'{{"problem": "What is 2 + 2?", "answer": "4"}}\n{long}\n')
    report = measured(run_of(str(path), settings), ScriptedEngine(adds, context=1024), place)
    assert report.complete
    assert report.cells[0].refused == 1
    assert report.cells[0].accuracy.value == 0.5


def test_a_disk_that_fills(rows: Path, settings: Settings, place: Path) -> None:
    """From the fifth request on the file's descriptor is /dev/full, where every write fails."""
    asked = 0

    def fills(request: Request) -> str:
        nonlocal asked
        asked += 1
        if asked == 5:
            full = os.open("/dev/full", os.O_WRONLY)
            os.dup2(full, _descriptor(place / folder.PREDICTIONS))
            os.close(full)
        return adds(request)

    run = run_of(str(rows), settings)
    with pytest.raises(DiskFull, match="no space is left"):
        measured(run, ScriptedEngine(fills), place, at_once=1)
    assert len(folder.read_predictions(place)) == 4
    assert measured(run, ScriptedEngine(adds), place).complete


def _descriptor(path: Path) -> int:
    links = Path("/proc/self/fd")
    return next(int(link.name) for link in links.iterdir() if os.path.realpath(link) == str(path))


@pytest.mark.parametrize("torn", [b'{"key": "half', b'{"key": "\xe4\xbd'])
def test_a_torn_line_is_cut_off(torn: bytes, rows: Path, settings: Settings, place: Path) -> None:
    run = run_of(str(rows), settings)
    measured(run, ScriptedEngine(adds), place)
    path = place / folder.PREDICTIONS
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:7]) + torn)
    engine = ScriptedEngine(adds)
    assert measured(run, engine, place).complete
    assert len(engine.requests) == 5


def test_a_damaged_line_in_the_middle_is_named(rows: Path, settings: Settings, place: Path) -> None:
    run = run_of(str(rows), settings)
    measured(run, ScriptedEngine(adds), place)
    path = place / folder.PREDICTIONS
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], b"nonsense\n", *lines[3:]]))
    with pytest.raises(BadData, match=r"predictions.jsonl:4"):
        measured(run, ScriptedEngine(adds), place)


def test_line_ends_that_only_text_has(tmp_path: Path, settings: Settings, place: Path) -> None:
    """JSON leaves U+2028 and U+0085 as they are; a line of ours ends at \\n alone."""
    path = tmp_path / "odd.jsonl"
    problems = ["What is 1 + 1?\u2028Say it.", "\u0085What is 2 + 2?"]
    rows = [{"problem": problem, "answer": "2\u2029"} for problem in problems]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    run = run_of(str(path), settings)
    engine = ScriptedEngine(lambda _: "\\boxed{a\u2028b}")
    assert measured(run, engine, place).complete
    assert folder.read(place) == run
    assert measured(run, engine, place).complete
    assert {grade.answer for grade in folder.read_grades(place).values()} == {"a\u2028b"}
    assert again(place).complete


@pytest.mark.parametrize("content", [b"this is no database" * 400, None])
def test_a_cache_that_cannot_be_used(
    content: bytes | None, rows: Path, settings: Settings, place: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "predictions.db"
    if content is None:
        cache.mkdir()
    else:
        cache.write_bytes(content)
    run = run_of(str(rows), settings)
    with pytest.raises(BadData, match=r"predictions.db cannot be used .* --no-cache"):
        measured(run, ScriptedEngine(adds), place, cache=cache)
    assert measured(run, ScriptedEngine(adds), place).complete


def test_two_runs_in_one_folder(rows: Path, settings: Settings, place: Path) -> None:
    place.mkdir()
    with FileLock(place / ".lock"), pytest.raises(BadInput, match="another run is at work"):
        measured(run_of(str(rows), settings), ScriptedEngine(adds), place)


@pytest.mark.parametrize("change", [{"k": 2}, {"max_tokens": 7}, {"role": ("none",)}, {"limit": 3}])
def test_a_folder_that_holds_another_run(
    change: dict[str, object], rows: Path, settings: Settings, place: Path
) -> None:
    measured(run_of(str(rows), settings), ScriptedEngine(adds), place)
    with pytest.raises(BadInput, match="holds another run"):
        measured(run_of(str(rows), settings, **change), ScriptedEngine(adds), place)


def test_other_weights_are_another_run(rows: Path, settings: Settings, place: Path) -> None:
    measured(run_of(str(rows), settings), ScriptedEngine(adds), place)
    other = ModelIdentity("scripted", "scripted", "other weights", "template")
    with pytest.raises(BadInput, match="holds another run"):
        measured(run_of(str(rows), settings, other), ScriptedEngine(adds), place)


def test_the_cache_serves_another_folder(rows: Path, settings: Settings, tmp_path: Path) -> None:
    run, cache = run_of(str(rows), settings), tmp_path / "cache.db"
    first = measured(run, ScriptedEngine(adds), tmp_path / "a", cache=cache)
    engine = ScriptedEngine(adds)
    second = measured(run, engine, tmp_path / "b", cache=cache)
    assert engine.requests == []
    assert second.as_json() == first.as_json()


@pytest.mark.parametrize(
    "change",
    [
        {"model": ModelIdentity("scripted", "scripted", "other", "template")},
        {"model": ModelIdentity("scripted", "scripted", "weights", "other")},
        {"seed": 1}, {"max_tokens": 99}, {"role": ("none",)}, {"temperature": 0.5},
        {"role": ("coach",)}, {"thinking_budget": 5}, {"protocol": "popular", "k": 1},
    ],
)  # fmt: skip
def test_the_cache_knows_every_part_of_the_identity(
    change: dict[str, object], rows: Path, settings: Settings, tmp_path: Path
) -> None:
    cache = tmp_path / "cache.db"
    measured(run_of(str(rows), settings), ScriptedEngine(adds), tmp_path / "a", cache=cache)
    engine = ScriptedEngine(adds)
    model = change.pop("model", EXACT)
    measured(run_of(str(rows), settings, model, **change), engine, tmp_path / "b", cache=cache)  # type: ignore[arg-type]
    assert len(engine.requests) == 12


def test_a_server_of_unknown_weights_is_not_cached(
    rows: Path, settings: Settings, tmp_path: Path
) -> None:
    remote, cache = ModelIdentity("openai", "http://somewhere"), tmp_path / "cache.db"
    for name in ("a", "b"):
        engine = ScriptedEngine(adds)
        measured(run_of(str(rows), settings, remote), engine, tmp_path / name, cache=cache)
        assert len(engine.requests) == 12
    assert not cache.exists()


def test_attempts_have_seeds_of_their_own(rows: Path, settings: Settings, place: Path) -> None:
    engine = ScriptedEngine(adds)
    report = measured(run_of(str(rows), settings, k=3, limit=2, seed=5), engine, place)
    assert sorted(request.sampling.seed for request in engine.requests) == [5, 5, 6, 6, 7, 7]
    assert sorted(report.cells[0].cons_at) == [1, 2, 3]


def test_votes_are_a_strategy(rows: Path, settings: Settings, place: Path) -> None:
    engine = ScriptedEngine(adds)
    run = run_of(str(rows), settings, strategy=("sample", "vote:3"), limit=4)
    report = measured(run, engine, place)
    sample, vote = report.cells
    assert vote.accuracy == sample.accuracy
    assert vote.tokens > 2 * sample.tokens
    assert [contrast.axis for contrast in report.contrasts] == ["strategy"]


def test_rescoring_generates_nothing_and_sees_a_better_verifier(
    rows: Path, settings: Settings, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = measured(run_of(str(rows), settings), ScriptedEngine(adds), place)
    assert rescore(place).as_json() == report.as_json()
    from lemmata.eval.graders import math
    from lemmata.types import Verdict

    monkeypatch.setattr(math, "verify_math", lambda *_: Verdict("correct"))
    assert rescore(place).cells[0].accuracy.value == 1.0


def test_comparing_two_runs(rows: Path, settings: Settings, tmp_path: Path) -> None:
    def all_right(request: Request) -> str:
        return adds(request).replace("= 3\n\\boxed{3", "= 2\n\\boxed{2")

    measured(run_of(str(rows), settings), ScriptedEngine(adds), tmp_path / "a")
    measured(run_of(str(rows), settings, role=("none",)), ScriptedEngine(all_right), tmp_path / "b")
    found = compare(tmp_path / "a", tmp_path / "b")
    (contrast,) = found.contrasts
    assert (contrast.items, contrast.won, contrast.lost) == (12, ("sum-1",), ())
    assert contrast.difference.value == pytest.approx(1 / 12)
    assert contrast.p_better > 0.5
    assert contrast.at["role"] == "math → none"


def test_runs_with_nothing_in_common(rows: Path, settings: Settings, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text('{"problem": "What is 7 + 7?!", "answer": "14"}\n')
    measured(run_of(str(rows), settings), ScriptedEngine(adds), tmp_path / "a")
    measured(run_of(str(other), settings), ScriptedEngine(adds), tmp_path / "b")
    with pytest.raises(BadInput, match="in common"):
        compare(tmp_path / "a", tmp_path / "b")
    with pytest.raises(BadInput, match="holds no run"):
        compare(tmp_path / "a", tmp_path)


KILLED = """
import asyncio, sys
from pathlib import Path
from eval.conftest import adds, run_of
from lemmata.eval.run import Means, evaluate
from lemmata.settings import Settings
from scripted import ScriptedEngine

rows, place = sys.argv[1:]
settings = Settings(Path(place), "echo", "", 0, 1, None, True, "")
run = run_of(rows, settings)
asyncio.run(evaluate(run, ScriptedEngine(adds, delay=0.002), Path(place), Means(at_once=2)))
"""


def test_killed_in_the_middle(rows: Path, settings: Settings, place: Path) -> None:
    """kill -9, twice, then the rest: every attempt is made exactly once."""
    path = place / folder.PREDICTIONS
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    for least in (1, 4):
        child = subprocess.Popen([sys.executable, "-c", KILLED, rows, place], env=environment)
        _until(lambda least=least: path.exists() and path.read_bytes().count(b"\n") >= least)
        child.send_signal(signal.SIGKILL)
        child.wait(30)
    before = folder.read_predictions(place)
    engine = ScriptedEngine(adds)
    report = measured(run_of(str(rows), settings), engine, place, patience=QUICK)
    assert report.complete
    assert len(engine.requests) == 12 - len(before)
    assert len(folder.read_predictions(place)) == 12


def _until(true: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)
