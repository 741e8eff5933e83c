"""The report: self-contained, complete, and safe whatever a model wrote."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lemmata.errors import BadInput
from lemmata.train import report, report_plot, run_dir, stages
from lemmata.train.recipe import from_fields

pytestmark = pytest.mark.train

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}\u202e]]>"


class Page(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that stopped after a failed gate, with hostile words wherever words come from."""
    recipe = from_fields({
        "name": "mine", "data": "a.jsonl", "description": EVIL, "gate_tries": 2,
        "target": "b.jsonl", "stages": [{"name": EVIL}],
    })  # fmt: skip
    run_dir.write_recipe(tmp_path, recipe)
    events = run_dir.Events(tmp_path)
    for step in range(1, 31):
        events.write("step", step=step, loss=3 / step, nll=2 / step, tokens_per_s=120.0,
                     step_nll=[2 / step, 1 / step])  # fmt: skip
    events.close()
    check = {"name": "target", "passed": False, "says": EVIL}
    example = {"set": "target", "question": EVIL, "gold": EVIL, "before": EVIL, "after": "9" * 9999,
               "before_right": False, "after_right": True}  # fmt: skip
    tried = {"attempt": 1, "first": 0, "last": 30, "lr": 1e-3, "replay": 0.0, "passed": False,
             "checks": [check], "examples": [example]}  # fmt: skip
    folder = stages.folder(tmp_path, 0)
    folder.mkdir(parents=True)
    (folder / stages.GATE).write_text(json.dumps({"tries": [tried, tried | {"attempt": 2}]}))
    return tmp_path


def test_nothing_that_a_model_or_a_file_says_becomes_markup(run):
    text = report.render(run)
    tags = Page(text).tags
    assert "&lt;script&gt;alert(1)" in text
    assert "{{ 7*7 }}" in text
    assert not {"script", "img", "link", "iframe", "object"} & {tag for tag, _ in tags}
    assert not [name for _, attrs in tags for name in attrs if name.startswith("on")]


def test_it_asks_for_nothing_and_forbids_itself_to(run):
    text = report.render(run)
    policies = [attrs for tag, attrs in Page(text).tags if "http-equiv" in attrs]
    assert policies[0]["content"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert "http://" not in text
    assert "https://" not in text
    assert "url(" not in text


def test_it_says_what_happened_and_what_to_do(run):
    text = report.render(run)
    assert "There is no adapter" in text
    assert "failed its gate 2" in text
    assert "times (target)" in text
    assert text.count("failed and rolled back") == 2
    assert "120 tokens a second" in text


def test_plots_have_a_line_for_each_curve_and_a_mark_for_each_gate(run):
    text = report.render(run)
    paths = [attrs["d"] for tag, attrs in Page(text).tags if tag == "path" and "stroke" in attrs]
    assert len(paths) == 4  # loss and nll; two steps of the derivation
    assert all(path.count("L") == 29 for path in paths)


def test_a_long_answer_is_shortened(run):
    assert 3000 < report.render(run).count("9") < 6000


def test_a_run_that_has_just_begun_has_a_report_and_other_folders_have_none(tmp_path):
    run_dir.write_recipe(tmp_path, from_fields({"name": "mine", "data": "a.jsonl"}))
    assert "lemmata train resume" in report.write(tmp_path).read_text()
    with pytest.raises(BadInput, match="is no run"):
        report.write(tmp_path / "nowhere")


def test_a_plot_of_nothing_is_nothing_and_of_one_point_is_a_plot():
    assert report_plot.lines({"loss": []}, "steps", "nats") == ""
    assert "<svg" in report_plot.lines({"loss": [(1.0, 2.0)]}, "steps", "nats")


def test_a_long_curve_is_thinned_and_keeps_its_end():
    points = [(float(x), float(x)) for x in range(10_001)]
    assert len(report_plot._thinned(points)) <= 401
    assert report_plot._thinned(points)[-1] == points[-1]


def test_smoothing_keeps_a_level_and_has_no_bias_at_the_start():
    level = report_plot.smoothed([(float(x), 5.0) for x in range(50)])
    assert [y for _, y in level] == pytest.approx([5.0] * 50)
