"""Declarations: every shipped one holds, and a person's mistakes are named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.conftest import run_of
from lemmata.errors import BadData, BadInput
from lemmata.eval import benchmark, framing, plan
from lemmata.settings import Settings


@pytest.mark.parametrize("name", benchmark.names())
def test_every_shipped_declaration_loads(name: str) -> None:
    found = benchmark.load(name)
    assert found.title
    assert found.licence
    assert found.source
    assert found.max_tokens


@pytest.mark.parametrize("name", ["gsm8k", "mgsm", "aime24", "aime25", "hmmt25"])
def test_every_shipped_extract_passes_its_own_verifier(name: str, settings: Settings) -> None:
    run = run_of(name, settings, quick=True)
    assert len(run.items) == {"gsm8k": 40, "mgsm": 80}.get(name, 30)
    assert not run.refused


def test_mgsm_pairs_its_translations(settings: Settings) -> None:
    run = run_of("mgsm", settings, quick=True, limit=3)
    assert [item.language for item in run.items] == ["en", "zh"] * 3
    assert len({item.pair for item in run.items}) == 3
    assert [cell.language for cell in run.plan.cells] == ["en", "zh"]


def test_counting_is_balanced_held_out_and_grouped_by_its_numbers(settings: Settings) -> None:
    from lemmata.data.tasks.stars_and_bars import HELD_OUT

    run = run_of("counting", settings)
    assert len(run.items) == 120
    for item in run.items:
        k, n = (int(part[1:]) for part in item.group.split("-")[:2])
        assert n in HELD_OUT[k]
    assert len({item.group for item in run.items[:32]}) == 16


@pytest.mark.parametrize("name", ["vieta", "primes"])
def test_a_family_asks_the_same_in_both_languages(name: str, settings: Settings) -> None:
    run = run_of(f"task:{name}:6", settings)
    pairs = {item.pair for item in run.items}
    assert len(run.items) == 12
    assert 6 <= len(pairs) <= 12


def test_a_mixture_of_tasks_is_asked_each_in_its_own_role(settings: Settings) -> None:
    run = run_of("competition", settings)
    assert {cell.role for cell in run.plan.cells} == {"auto"}
    asked = {framing.messages(item, "auto", "auto", None)[0].content for item in run.items}
    assert len({text.removesuffix(" Answer in Chinese.") for text in asked}) == 2
    assert run_of("counting", settings, role=("auto",)).plan.cells[0].role == "combinatorics"


def test_champ_and_humaneval_and_gym(settings: Settings) -> None:
    champ = run_of("champ", settings)
    assert (len(champ.items), len(champ.refused)) == (270, 0)
    assert len(run_of("gym", settings).items) == 120
    run = run_of("humaneval", settings, limit=2)
    assert run.plan.grader == "code"
    assert run.plan.cells[0].role == "code"


def test_a_scorer_that_evaluates_answers_is_refused(settings: Settings) -> None:
    with pytest.raises(BadInput, match="countdown"):
        run_of("gym:countdown:2", settings)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "title = 'x'\n[full]\nrows = 'a.jsonl'\n[fulll]\n",
            "did you mean 'full'|unknown key 'fulll'",
        ),
        ("title = 'x'\ngradder = 'math'\n[full]\nrows = 'a.jsonl'\n", "did you mean 'grader'"),
        ("title = 'x'\n", "needs rows"),
        ("title = \n", "is not a benchmark"),
        ("title = 'x'\ngrader = 'taste'\n[full]\nrows = 'a.jsonl'\n", "not one of math, code, gym"),
    ],
)
def test_a_faulty_declaration(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=told):
        benchmark.load(str(path))


def test_the_nearest_name() -> None:
    with pytest.raises(BadInput, match="Did you mean 'gsm8k'"):
        benchmark.load("gsm8")


def test_a_benchmark_of_ones_own(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "rows.csv").write_text("frage,loesung\nWhat is 1+1?,2\n")
    path = tmp_path / "mine.toml"
    path.write_text(
        "title = 'Mine'\n[full]\nrows = 'rows.csv'\n[fields]\nproblem = 'frage'\ngold = 'loesung'\n"
    )
    assert run_of(str(path), settings).items[0].gold == "2"


BAD_ROWS = {
    "not JSON": '{"problem": "1+1?", "answer": ',
    "no column for the gold": '{"problem": "1+1?"}',
    "is empty": '{"problem": " ", "answer": "2"}',
    "holds no text but list": '{"problem": "1+1?", "answer": ["2"]}',
    "not an object": '["1+1?"]',
}


@pytest.mark.parametrize("told", BAD_ROWS)
def test_a_malformed_row_is_named_with_its_line(
    told: str, tmp_path: Path, settings: Settings
) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text('{"problem": "2+2?", "answer": "4"}\n' + BAD_ROWS[told] + "\n")
    with pytest.raises(BadData, match=f"mine.jsonl:2: .*{told}"):
        run_of(str(path), settings)
    run = run_of(str(path), settings, skip_bad=True)
    assert (len(run.items), len(run.refused)) == (1, 1)


@pytest.mark.parametrize("name", ["null", '""', '"a"'])
def test_rows_without_ids_of_their_own(name: str, tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [f'{{"id": {name}, "problem": "{i} + 1?", "answer": {i + 1}}}\n' for i in range(4)]
    path.write_text("".join(rows))
    items = run_of(str(path), settings, limit=3).items
    assert len(items) == len({item.id for item in items}) == len({i.pair for i in items}) == 3


def test_a_gold_that_fails_its_own_verifier(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "mine.jsonl"
    row = {"problem": "Which?", "answer": "3}"}
    path.write_text(json.dumps(row) + '\n{"problem": "2+2?", "answer": "4"}\n')
    with pytest.raises(BadData, match=r"its gold answer .* does not pass its own verifier"):
        run_of(str(path), settings)
    assert len(run_of(str(path), settings, skip_bad=True).items) == 1


def test_a_gym_gold_and_a_program_gold_are_checked_too() -> None:
    from dataclasses import replace

    from lemmata.eval.graders.code import CodeGrader
    from lemmata.eval.sources import _humaneval

    item = next(_humaneval())
    broken = replace(item, gold=item.gold.replace("return True", "return 1 < 0"))
    assert CodeGrader().fault_of_gold(item) == ""
    assert "fails its own tests" in CodeGrader().fault_of_gold(broken)


def test_protocols(settings: Settings) -> None:
    run = run_of("aime24", settings, protocol="vibethinker")
    sampling = run.plan.sampling
    assert (run.plan.k, sampling.temperature, sampling.top_p, sampling.top_k) == (64, 1.0, 0.95, 0)
    assert sampling.max_tokens == 40960
    assert {cell.role for cell in run.plan.cells} == {"official"}
    assert not run.plan.stop_loops
    with pytest.raises(BadInput, match="vibethinker"):
        plan.protocol("vibe")


def test_the_axes_multiply(settings: Settings) -> None:
    run = run_of(
        "mgsm",
        settings,
        quick=True,
        role=("math", "none"),
        adapter=("base", "a"),
        strategy=("sample", "vote:3"),
        policy=("english-frame", "user-frame"),
    )
    assert len(run.plan.cells) == 32


@pytest.mark.parametrize(
    "wish",
    [
        {"role": ("maths",)}, {"strategy": ("vote",)}, {"policy": ("french",)},
        {"k": 3, "temperature": 0.0}, {"language": ("zh",)}, {"protocol": "none"},
    ],
)  # fmt: skip
def test_wishes_that_cannot_be(wish: dict[str, object], rows: Path, settings: Settings) -> None:
    with pytest.raises(BadInput):
        run_of(str(rows), settings, **wish)
