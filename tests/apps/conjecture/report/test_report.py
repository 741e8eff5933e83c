"""The report says what is known and nothing else; its exports are whole and safe."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from lemmata.apps.conjecture import Outcome, formalise, read, report, search, write_report
from lemmata.apps.conjecture.report.checker import script
from lemmata.apps.conjecture.report.plot import svg


def outcome_of(text: str, statement: str = "", limit: int | None = None):  # type: ignore[no-untyped-def]
    spec = read(text, statement)
    *_, last = search(spec, 20, limit, seed=1)
    assert isinstance(last, Outcome)
    return spec, last


GOLDBACH = "for n in 4.. where even(n): exists p in 2..n: prime(p) and prime(n - p)"


@pytest.mark.parametrize(
    ("text", "limit", "english", "chinese"),
    [
        ("for n in 0..: prime(n^2 + n + 41)", None,
         "Refuted: n = 40 is the smallest counterexample.", "已否定：n = 40 是最小反例。"),
        (GOLDBACH, 1000, "No counterexample for n ≤ 1,000. This is evidence, not a proof.",
         "n ≤ 1,000 时没有反例。这是证据，不是证明。"),
        ("for a, b in -3..3: (a + b)^2 >= 0", None,
         "Proved on the bounded domain: all points were checked", "在有限范围内已证明"),
        ("for graph G in 1..: components(G) + size(G) >= order(G)", 5,
         "No counterexample among all graphs with at most 5 vertices",
         "顶点数不超过 5 的全部图中没有反例"),
        ("for real x in ..: sqrt(abs(x)) >= 0 or x > 9", 5,
         "among all fractions with numerator and denominator at most 5",
         "分子分母都不超过 5 的分数中"),
        ("for real x in 0..: x^2 - x + 1 > 0", 5, "Proved by Z3", "在整个范围内给出证明"),
    ],
)  # fmt: skip
def test_the_sentence(text: str, limit: int | None, english: str, chinese: str) -> None:
    spec, outcome = outcome_of(text, limit=limit)
    document = report(spec, outcome)
    assert document["known"].startswith(english) or english in document["known"]
    assert chinese in document["known_zh"]


def test_the_folder_holds_every_export(tmp_path: Path) -> None:
    spec, outcome = outcome_of(GOLDBACH, "Every even number … 100% of $n_1$ & {more}", 5000)
    document = write_report(tmp_path, spec, outcome, "Goldbach wrote to Euler.")
    assert json.loads((tmp_path / "report.json").read_text())["known"] == document["known"]
    text = (tmp_path / "report.md").read_text()
    assert "## Near misses" in text
    assert "unverified" in text
    assert "险些" in (tmp_path / "report.zh-CN.md").read_text()
    assert r"100\% of \$n\_1\$ \& \{more\}" in (tmp_path / "report.tex").read_text()
    root = ET.fromstring((tmp_path / "plot.svg").read_text())
    assert len(root.findall(".//{http://www.w3.org/2000/svg}circle")) > 50
    assert not (tmp_path / "checker.py").exists()


def test_the_seed_table_of_goldbach_from_4_to_100() -> None:
    spec, outcome = outcome_of(GOLDBACH, limit=200)
    cases = report(spec, outcome)["cases"]
    assert cases["columns"] == ["n", "p", "n - p", "claim"]
    assert [row[0] for row in cases["rows"]] == list(range(4, 101, 2))
    for n, p, q, said in cases["rows"]:
        assert (p + q, said) == (n, "holds")
    assert cases["rows"][47] == [98, 19, 79, "holds"]


def test_near_misses_hold_and_the_nearest_comes_first() -> None:
    _, outcome = outcome_of("for n in 1..: sigma(n) < 5 * n", limit=30_000)
    measures = [miss["measure"] for miss in outcome.near]
    assert measures == sorted(measures)
    assert all(measure > 0 for measure in measures)
    assert outcome.near[0]["point"] == [1]  # 5 - 1 is the least to spare in absolute terms


@pytest.mark.parametrize(
    ("text", "point", "code"),
    [
        ("for n in 1..: H > 0".replace("H", "sum(k in 1..n: 1 / k) - 5"), (83,), 1),
        ("for n in 1..: sum(k in 1..n: 1 / k) < 5", (83,), 0),
        ("for n in 1..: 1 / n <= 1 and n = 1", (0,), 0),
        ("for real x in ..: log(exp(x) + 1) < sqrt(2) * pi / 2 or floor(x) < 2", (3,), 0),
        ("for n in 1..: product(k in 1..n: k) = 1 -> n = 1", (7,), 1),
        ("for n in 1..: min(n, 3) + max(n, 3) = abs(n) + 4", (5,), 0),
        ("for n in 1..: forall k in 2..n - 1: not divides(k, n)", (9,), 0),
        ("for n in 1..: count(k in 1..n: prime(k)) = primepi(n) + 1", (9,), 0),
    ],
)  # fmt: skip
def test_the_checker_runs_alone(tmp_path: Path, text: str, point: tuple[int], code: int) -> None:
    import subprocess
    import sys

    (tmp_path / "checker.py").write_text(script(read(text), point))
    command = [sys.executable, "-I", "-S", "checker.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr + done.stdout


def test_a_statement_cannot_break_out_of_the_checker_or_the_plot(tmp_path: Path) -> None:
    nasty = '"""\nraise SystemExit(9)\n"""\\ <script>alert(1)</script>'
    spec, outcome = outcome_of("for n in 0..: prime(n^2 + n + 41)", nasty)
    document = write_report(tmp_path, spec, outcome)
    compile(document["checker"], "checker.py", "exec")
    assert "\nraise SystemExit" not in document["checker"]
    plot = svg([(1.0, 2.0), (3.0, 4.0)], nasty, "n", "gap")
    assert "<script" not in plot
    ET.fromstring(plot)


@pytest.mark.parametrize(
    "curve", [[], [(1.0, 1.0)], [(1.0, 5.0), (1e9, 5.0)], [(0.0, -3.0), (2.0, 7.0)]]
)
def test_any_curve_can_be_drawn(curve: list[tuple[float, float]]) -> None:
    ET.fromstring(svg(curve, "t", "x", "y"))


def test_a_condition_that_is_never_met_is_no_evidence() -> None:
    spec = formalise("Every odd perfect number is divisible by 3.")
    *_, outcome = search(spec, 1, limit=100, seed=1)
    assert isinstance(outcome, Outcome)
    assert report(spec, outcome)["known"].startswith("Nothing was tested")
    assert "没有检验任何情形" in report(spec, outcome)["known_zh"]


def test_the_chinese_report_has_its_tables_in_chinese(tmp_path: Path) -> None:
    spec = formalise("每个大于2的偶数都是两个素数之和。")
    *_, outcome = search(spec, 2, limit=200, seed=1)
    assert isinstance(outcome, Outcome)
    write_report(tmp_path, spec, outcome)
    text = (tmp_path / "report.zh-CN.md").read_text("utf-8")
    assert "| 4 | 2 | 2 | 成立 |" in text
    assert "| 方法：穷举 |" in text
    for english in ("holds", "claim", "points decided", "seed |", "method"):
        assert english not in text
    assert "| 4 | 2 | 2 | holds |" in (tmp_path / "report.md").read_text("utf-8")
