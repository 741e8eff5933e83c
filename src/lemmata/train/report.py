"""A run as one HTML page for a person: what was learnt, what the gates said, what it writes now.

The page needs nothing but itself. Questions and answers in it are not trusted: every value is
escaped, and the page forbids itself scripts, images and requests.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from lemmata.train import run_dir, stages
from lemmata.train.recipe import Recipe
from lemmata.train.report_plot import lines, smoothed

_CURVES = {"loss": "loss", "NLL of the rows": "nll", "divergence": "divergence"}
_MOST_TEXT = 4000
"""Characters of one answer that are shown."""


def write(run: Path) -> Path:
    """Make the report of a run, finished or not, and give its path. Raises BadInput where the
    folder is no run, OSError."""
    path = run / run_dir.REPORT
    run_dir.write_whole(path, render(run))
    return path


def render(run: Path) -> str:
    """The page as text."""
    recipe = run_dir.read_recipe(run)
    events = run_dir.whole_lines(run / run_dir.EVENTS) if (run / run_dir.EVENTS).is_file() else []
    steps = [event for event in events if event["event"] == "step"]
    told = [_stage(run, number, stage.name) for number, stage in enumerate(stages.of(recipe))]
    judged = [one for one in told if one["tries"]]
    state, said = _state(recipe, run, judged)
    speeds = [step["tokens_per_s"] for step in steps]
    text: str = _template().render(
        recipe=recipe, state=state, said=said, steps=steps, stages=judged,
        data=_read(run / run_dir.DATA) or {"kept": 0, "dropped": 0, "truncated": 0},
        speed=round(statistics.median(speeds)) if speeds else None,
        loss_plot=Markup(_loss(steps, events)),  # noqa: S704 - made of numbers, names escaped
        step_plot=Markup(_by_step(steps)),  # noqa: S704
        dial=_read(run / "dial.json"), round_trip=_read(run / "round_trip.json"),
        examples=_examples(judged), percent=_percent,
    )  # fmt: skip
    return text


def _template() -> Any:
    text = (files("lemmata.train") / "report.html.j2").read_text("utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(text)


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


def _stage(run: Path, number: int, name: str) -> dict[str, Any]:
    return {"name": name, "tries": stages.tries(run, number)}


def _state(recipe: Recipe, run: Path, judged: Sequence[Any]) -> tuple[str, str]:
    """One word, and one line for a person."""
    if run_dir.is_finished(run):
        return "finished", "The adapter passed and lies in final/."
    for one in judged:
        last = one["tries"][-1]
        if not last["passed"] and len(one["tries"]) >= recipe.gate_tries:
            failed = ", ".join(check["name"] for check in last["checks"] if not check["passed"])
            return "refused", (
                f"There is no adapter: stage {one['name']} failed its gate {len(one['tries'])} "
                f"times ({failed}). Lower lr, give other rows or a larger base."
            )
    trip, dial = _read(run / "round_trip.json"), _read(run / "dial.json")
    if trip and not trip["passed"]:
        return "refused", "There is no adapter: served, it does something else than was trained."
    if dial and dial["chosen"] is None:
        return "refused", "There is no adapter: at every strength it forgets more than is allowed."
    return "unfinished", f"The run is not finished; go on with: lemmata train resume {run}"


def _loss(steps: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]]) -> str:
    series = {
        name: smoothed([(step["step"], step[key]) for step in steps if key in step])
        for name, key in _CURVES.items()
    }
    if all(math.isclose(step["loss"], step["nll"], rel_tol=1e-4) for step in steps):
        del series["loss"]
    marks = [event["step"] for event in events if event["event"] == "gate"]
    return lines(series, "steps", "nats a token", marks)


def _by_step(steps: Sequence[Mapping[str, Any]]) -> str:
    most = max((len(step.get("step_nll", ())) for step in steps), default=0)
    series = {
        f"step {place + 1}": smoothed([
            (step["step"], step["step_nll"][place])
            for step in steps
            if len(step.get("step_nll", ())) > place
        ])
        for place in range(most)
    }  # fmt: skip
    return lines(series, "steps", "nats a token")


def _examples(judged: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Those of the last gate that kept any, long answers shortened."""
    for one in reversed(judged):
        for tried in reversed(one["tries"]):
            if tried.get("examples"):
                return [
                    {key: value[:_MOST_TEXT] if isinstance(value, str) else value
                     for key, value in example.items()}
                    for example in tried["examples"]
                ]  # fmt: skip
    return []


def _percent(share: Mapping[str, float]) -> str:
    low, high = 100 * share["low"], 100 * share["high"]
    return f"{100 * share['value']:.1f} % ({low:.1f} to {high:.1f})"
