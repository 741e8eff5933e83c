"""What does each part of tuning do? One task, one base, the same rows; one thing added at a time.

    python bench/ablation.py --out bench/results/ablation.json

Arms: plain SFT; the step penalty; the order from easy to hard; a gate; those three together; an
anchor to the base; soft labels of a better adapter (the shipped one).
Measured for each on problems that no row is about, through the serving engine, greedy: accuracy,
derivations with a wrong step and wrong steps among those checked (`verify.steps`); and what it
cost: the retention set and KL(base || tuned) on the base's own answers to it. Ctrl-C at any time;
the same call goes on, arms that are done are not repeated.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from lemmata import settings
from lemmata.adapters import canonical
from lemmata.engines.llama import LlamaEngine, Options
from lemmata.engines.sync import SyncEngine
from lemmata.errors import AnswerIsNo
from lemmata.models.progress import shown
from lemmata.models.store import Store
from lemmata.train import gate_questions, resume, teach, train
from lemmata.train.intervals import mcnemar, mean, wilson
from lemmata.train.measure import Answer, ask
from lemmata.train.recipe import Recipe, load
from lemmata.verify import verify_steps

ROWS, TARGET, RETENTION, TOKENS = 160, 60, 20, 96
TEACHER = Path(__file__).parents[1] / "examples/adapters/counting"
BASE = "smollm2-135m"
COMMON = {"data": [f"task:stars-and-bars:{ROWS}"], "round_trip_rows": 0, "save_every": 5}
GATE = {
    "target": [f"task:stars-and-bars:{TARGET}"], "gate_problems": 16, "gate_tokens": TOKENS,
    "gate_tries": 2,
}  # fmt: skip
ARMS: dict[str, dict[str, Any]] = {
    "plain SFT": {},
    "step penalty 0.5": {"step_penalty": 0.5},
    "curriculum (base NLL)": {"order": "nll"},
    "a gate": GATE,
    "penalty, curriculum, gate": {"step_penalty": 0.5, "order": "nll", **GATE},
    "anchor to the base": {"anchor": "base"},
    "soft labels": {"teacher": "adapter"},
    "plain SFT, again": {"seed": 1},
    "step penalty 0.5, again": {"step_penalty": 0.5, "seed": 1},
}
"""`anchor` and `teacher` name whose file of labels is made (`labels`). "Again" is by another seed
and compared with its like."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("bench/results/ablation.json"))
    out = parser.parse_args().out
    told = json.loads(out.read_text()) if out.exists() else {"arms": {}}
    home = settings.load()
    recipe = load("counting", COMMON)
    told["setting"] = {
        "base": recipe.base, "rows": ROWS, "epochs": recipe.epochs, "lr": recipe.lr,
        "rows_per_step": recipe.rows_per_step, "target_problems": TARGET,
        "retention_problems": RETENTION, "answer_tokens": TOKENS, "seed": recipe.seed,
    }  # fmt: skip
    stored = Store(home).get(recipe.base)
    options = Options(threads=home.threads)
    with SyncEngine(
        LlamaEngine(stored.gguf, stored.name, stored.id, home.cache_dir, options)
    ) as engine:
        if "base" not in told:
            told["base"] = judged(recipe, engine, None)
            save(out, told)
        for name, fields in ARMS.items():
            if "accuracy" not in told["arms"].get(name, {}):
                told["arms"][name] = told["arms"].get(name, {})
                one_arm(name, fields, recipe, told, engine, home, out)
    print(tables(told))


def labels(fields: dict[str, Any], home) -> dict[str, Any]:
    """The same fields with the files that `lemmata train teach` makes of the same rows."""
    made = {}
    for key in ("anchor", "teacher"):
        if key in fields:
            path = home.home / f"ablation-{key}.safetensors"
            adapter = TEACHER if key == "teacher" else None
            base = BASE if adapter else None
            with shown() as progress:
                teach("counting", path, teacher=base, adapter=adapter, settings=home,
                      progress=progress, **COMMON)  # fmt: skip
            made[key] = str(path)
    return fields | made


def one_arm(name, fields, recipe, told, engine, home, out) -> None:
    """Train or go on, measure, and put it into the document."""
    arm = told["arms"][name]
    fields = labels(fields, home)
    began = time.monotonic()
    with shown() as progress:
        runs = home.runs_dir
        before = set(runs.iterdir()) if runs.exists() else set()
        try:
            if "run" in arm:
                run = resume(runs / arm["run"], settings=home, progress=progress)
            else:
                run = train("counting", settings=home, progress=progress, **COMMON, **fields)
        except AnswerIsNo as error:
            run = runs / arm["run"] if "run" in arm else (set(runs.iterdir()) - before).pop()
            arm["refused"] = error.cause
        except KeyboardInterrupt:
            new = set(runs.iterdir()) - before
            if new:
                arm["run"] = new.pop().name
                save(out, told)
            sys.exit(130)
    arm["run"] = run.name
    arm["seconds"] = round(arm.get("seconds", 0) + time.monotonic() - began, 1)
    gates = [json.loads(path.read_text()) for path in sorted(run.glob("stages/*/gate.json"))]
    arm["tries"] = [
        {"lr": one["lr"], "passed": one["passed"],
         "checks": {check["name"]: check["change"]["value"] for check in one["checks"]}}
        for gate in gates for one in gate["tries"]
    ]  # fmt: skip
    place = run / ("candidate" if "refused" in arm else "final")
    engine.load_adapter(place, "arm")
    arm |= judged(recipe, engine, "arm", told["base"])
    arm["kl"] = divergence(recipe, place, home, told["base"])
    save(out, told)


def judged(
    recipe: Recipe, engine: SyncEngine, adapter: str | None, base: Any = None
) -> dict[str, Any]:
    """Both sets, answered and checked."""
    asked = replace(recipe, target=(f"task:stars-and-bars:{TARGET}",), gate_problems=TARGET)
    target = gate_questions.target(asked, frozenset())
    kept = gate_questions.retention(replace(recipe, gate_problems=RETENTION), frozenset())
    with shown() as progress:
        answers, others = (
            engine.run(ask(engine.engine, [one.messages for one in questions], adapter, TOKENS,
                           progress=progress, stage=f"ask {adapter or 'base'}"))
            for questions in (target, kept)
        )  # fmt: skip
    right = [one.right(answer.text) for one, answer in zip(target, answers, strict=True)]
    keeps = [one.right(answer.text) for one, answer in zip(kept, others, strict=True)]
    found = {
        "accuracy": asdict(wilson(sum(right), len(right))),
        "retention": asdict(wilson(sum(keeps), len(keeps))),
        "right": right, "kept": keeps, **steps_of([answer.text for answer in answers], target),
    }  # fmt: skip
    if base is None:
        return found | {"answers": [asdict(answer) for answer in others]}
    return found | {"p_accuracy": mcnemar(base["right"], right)}


def steps_of(texts: list[str], questions) -> dict[str, Any]:
    """How often a derivation has a wrong step, and how many of the checked steps are wrong."""
    reports = [verify_steps(text, one.text) for text, one in zip(texts, questions, strict=True)]
    wrong = sum(report.first_wrong is not None for report in reports)
    states = [step.state for report in reports for step in report.steps]
    checked = [state for state in states if state != "unchecked"]
    return {
        "derivations_with_a_wrong_step": asdict(wilson(wrong, len(texts))),
        "steps": len(states), "steps_checked": len(checked),
        "wrong_steps": asdict(wilson(checked.count("fails"), max(1, len(checked)))),
    }  # fmt: skip


def divergence(recipe: Recipe, place: Path, home, base) -> dict[str, float]:
    """KL(base || tuned) in nats a token, by row, on the base's own retention answers."""
    import torch
    from tokenizers import Tokenizer

    from lemmata.data.render import Renderer
    from lemmata.models import gguf_read
    from lemmata.prompts.render import ChatTemplate
    from lemmata.train import base_model, gate_divergence
    from lemmata.train.samples import row_of
    from lemmata.types import Example

    torch.set_num_threads(home.threads)
    store = Store(home)
    stored = store.get(recipe.base)
    hf = store.hf_dir(stored)
    template = ChatTemplate(*gguf_read.chat_template(stored.gguf))
    render = Renderer(template, Tokenizer.from_file(str(hf / "tokenizer.json")))
    kept = gate_questions.retention(replace(recipe, gate_problems=RETENTION), frozenset())
    rows = []
    for question, told in zip(kept, base["answers"], strict=True):
        answer = Answer(**told)
        meta = {} if answer.finished else {"part": [1, 2]}
        rows.append(row_of(render(Example(question.messages, answer.text, meta))))
    model = base_model.load(hf, recipe)
    canonical.read(place)
    model.load_adapter(place, "arm")
    model.set_adapter("arm")
    with shown() as progress:
        return asdict(mean(gate_divergence.of_rows(model, rows, progress, "measure KL")))


def save(out: Path, told: dict[str, Any]) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")


def tables(told: dict[str, Any]) -> str:
    """The Markdown tables of docs/results.md."""
    head = [
        "arm",
        "right",
        "derivations with a wrong step",
        "wrong steps",
        "retention",
        "KL to base",
    ]
    lines = [_line(head), _line(["---"] * len(head))]
    for name, arm in {"base": told["base"], **told["arms"]}.items():
        kl = f"{arm['kl']['value']:.3f}" if "kl" in arm else "0"
        shares = ("accuracy", "derivations_with_a_wrong_step", "wrong_steps", "retention")
        lines.append(_line([name, *(_share(arm[key]) for key in shares), kl]))
    head = ["on the same problems", "difference, points", "chance by McNemar"]
    lines += ["", _line(head), _line(["---"] * len(head))]
    for name, arm in told["arms"].items():
        other = "plain SFT, again" if name.endswith(", again") else "plain SFT"
        plain = told["arms"][other]["right"]
        if name != other:
            gains = [int(a) - int(b) for a, b in zip(arm["right"], plain, strict=True)]
            low, high = _interval(gains)
            points = f"{100 * fmean(gains):+.0f} ({100 * low:+.0f} to {100 * high:+.0f})"
            lines.append(
                _line([f"{name} − {other}", points, f"{mcnemar(plain, arm['right']):.3f}"])
            )
    return "\n".join(lines)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _share(found: dict[str, float]) -> str:
    value, low, high = (f"{100 * found[key]:.0f}" for key in ("value", "low", "high"))
    return f"{value} % ({low} to {high})"


def _interval(values: list[int]) -> tuple[float, float]:
    """95 % of the mean, by the bootstrap over problems."""
    draw = random.Random(0)
    means = sorted(fmean(draw.choices(values, k=len(values))) for _ in range(10_000))
    return means[250], means[9750]


if __name__ == "__main__":
    main()
