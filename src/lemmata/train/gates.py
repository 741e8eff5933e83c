"""Gates: after each stage the adapter is measured as it will be served, and kept or rolled back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from tokenizers import Tokenizer

from lemmata.data.render import Renderer
from lemmata.engines.llama import LlamaEngine, Options
from lemmata.engines.sync import SyncEngine
from lemmata.errors import AnswerIsNo
from lemmata.models.progress import Progress
from lemmata.settings import Settings
from lemmata.train import checkpoint, gate_checks, gate_divergence, gate_questions, run_dir, stages
from lemmata.train.base_model import Model
from lemmata.train.gate_checks import Asked
from lemmata.train.gate_questions import Question
from lemmata.train.measure import Answer, ask
from lemmata.train.recipe import Recipe
from lemmata.train.rows import Row

if TYPE_CHECKING:
    from lemmata.train.ready import Run

BASE = "base.json"
"""The base's own answers, asked once a run."""
CANDIDATE = "candidate"
"""The adapter as it is measured, beside `final` and never in it."""
_SHOWN = 4
"""Answers of each set that a gate keeps for people, before and after."""


class Gates:
    """The gates of one run. `export` writes the model's adapter to a folder as it would be served.

    The engine is opened when it is first asked; `close` closes it.
    """

    def __init__(
        self,
        run: Run,
        model: Model,
        export: Callable[[Path], None],
        settings: Settings,
        progress: Progress,
    ) -> None:
        self.run, self.model, self.progress = run, model, progress
        self._export, self._settings = export, settings
        self._engine: SyncEngine | None = None

    @property
    def sets(self) -> gate_questions.Sets:
        """The target's questions and the retention's."""
        assert self.run.questions is not None
        return self.run.questions

    @property
    def are_asked(self) -> bool:
        """Whether the recipe names a target; without one every stage passes."""
        return self.run.questions is not None

    def judge(
        self, leg: stages.Leg, course: stages.Course, parameters: Mapping[str, torch.nn.Parameter]
    ) -> dict[str, Any]:
        """Measure what a leg has made, write its gate.json and, where it passed, what is good."""
        told: dict[str, Any] = {
            "attempt": leg.attempt, "first": leg.first, "last": leg.last, "lr": leg.lr,
            "replay": leg.replay,
        } | (self._measured(leg) if self.are_asked else {"passed": True, "checks": []})  # fmt: skip
        if not told["passed"]:
            told["next"] = self._next(leg, course, told["checks"])
        folder = stages.folder(self.run.folder, leg.stage)
        folder.mkdir(parents=True, exist_ok=True)
        if told["passed"]:
            checkpoint.write_adapter(folder / stages.GOOD, parameters)
        tried = [*stages.tries(self.run.folder, leg.stage), told]
        document = {"stage": leg.name, "passed": told["passed"], "tries": tried}
        run_dir.write_json(folder / stages.GATE, document)
        return told

    def _measured(self, leg: stages.Leg) -> dict[str, Any]:
        before, after = self.before(), self.after(f"gate of {leg.name}")
        target, retention = (
            Asked(questions, old, new)
            for questions, old, new in zip(self.sets, before, after, strict=True)
        )
        divergence = gate_divergence.of_rows(
            self.model, self._base_rows(before[1]), self.progress, "measure the divergence"
        )
        checks = gate_checks.all_of(self.run.recipe, target, retention, divergence)
        return {
            "passed": all(check.passed for check in checks),
            "checks": [check.as_json() for check in checks],
            "examples": [*_examples("target", target), *_examples("retention", retention)],
        }

    def _next(
        self, leg: stages.Leg, course: stages.Course, checks: Sequence[Mapping[str, Any]]
    ) -> dict[str, float]:
        """What the next try does otherwise: a lower rate, and replay where something is forgotten
        and there is something to replay."""
        recipe = self.run.recipe
        failed = {check["name"] for check in checks if not check["passed"]}
        forgot = failed & gate_checks.FORGETTING and course.can_replay(leg.stage)
        replay = leg.replay + recipe.retry_replay if forgot else leg.replay
        return {"lr": leg.lr * recipe.retry_rate, "replay": replay}

    def before(self) -> tuple[tuple[Answer, ...], ...]:
        """The base's answers to both sets; asked once and kept."""
        path = self.run.folder / stages.STAGES / BASE
        texts = [[question.text for question in questions] for questions in self.sets]
        if path.is_file():
            kept = json.loads(path.read_text("utf-8"))
            if kept["questions"] == texts:
                return tuple(tuple(Answer(**one) for one in part) for part in kept["answers"])
        found = tuple(self.asked(questions, None, "measure the base") for questions in self.sets)
        answers = [[asdict(answer) for answer in part] for part in found]
        run_dir.write_json(path, {"questions": texts, "answers": answers})
        return found

    def after(self, stage: str, strength: float = 1.0) -> tuple[tuple[Answer, ...], ...]:
        """The tuned model's answers to both sets, as it is now."""
        self.export_candidate()
        return self.written(stage, strength)

    def written(self, stage: str, strength: float = 1.0) -> tuple[tuple[Answer, ...], ...]:
        """Those of the candidate as it lies in its folder."""
        name = self.load_written()
        return tuple(self.asked(questions, name, stage, strength) for questions in self.sets)

    def asked(
        self, questions: Sequence[Question], adapter: str | None, stage: str, strength: float = 1.0
    ) -> tuple[Answer, ...]:
        prompts = [question.messages for question in questions]
        most = self.run.recipe.gate_tokens
        return self.engine.run(
            ask(self.engine.engine, prompts, adapter, most, strength, self.progress, stage)
        )

    def load_written(self) -> str:
        """Load the candidate's folder into the engine; gives its name there."""
        return self.engine.load_adapter(self.candidate, CANDIDATE).name

    def export_candidate(self) -> None:
        """Write the adapter as it is now."""
        self._export(self.candidate)

    @property
    def candidate(self) -> Path:
        return self.run.folder / CANDIDATE

    @property
    def engine(self) -> SyncEngine:
        """The serving engine on the served file of the base. Not smoke-tested: whether the base
        writes sense is what is measured, and one that is still to learn it may be tuned."""
        if self._engine is None:
            stored, settings = self.run.stored, self._settings
            options = Options(threads=settings.threads, smoke=False)
            opened = LlamaEngine(stored.gguf, stored.name, stored.id, settings.cache_dir, options)
            self._engine = SyncEngine(opened)
        return self._engine

    def _base_rows(self, answers: Sequence[Answer]) -> list[Row]:
        """The base's own answers to the retention set, as rows."""
        tokenizer = Tokenizer.from_file(str(self.run.hf / "tokenizer.json"))
        render = Renderer(self.run.template, tokenizer)
        pairs = zip(self.sets[1], answers, strict=True)
        rows = (gate_divergence.row_of_answer(render, q.messages, answer) for q, answer in pairs)
        return [row for row in rows if row is not None]

    def close(self) -> None:
        """Close the engine, if it was asked."""
        if self._engine is not None:
            self._engine.close()


def refuse_exhausted(run: Path, recipe: Recipe) -> None:
    """Raises AnswerIsNo where a stage has been tried as often as it may be and never passed."""
    for number, stage in enumerate(stages.of(recipe)):
        tried = stages.tries(run, number)
        if len(tried) >= recipe.gate_tries and not tried[-1]["passed"]:
            failed = [check for check in tried[-1]["checks"] if not check["passed"]]
            reasons = "; ".join(f"{check['name']}: {check['says']}" for check in failed)
            raise AnswerIsNo(
                f"stage {stage.name!r} failed its gate {len(tried)} times, so there is no adapter. "
                f"{reasons}",
                f"Read {run / run_dir.REPORT}; lower lr, give other rows or a larger base.",
            )


def _examples(name: str, asked: Asked) -> list[dict[str, Any]]:
    """Answers for people to look at, those that changed first."""

    def changed(place: int) -> bool:
        question = asked.questions[place]
        old, new = asked.before[place].text, asked.after[place].text
        return question.right(old) != question.right(new)

    places = sorted(range(len(asked.questions)), key=lambda place: (not changed(place), place))
    found = []
    for place in places[:_SHOWN]:
        question, old, new = asked.questions[place], asked.before[place], asked.after[place]
        found.append({
            "set": name, "question": question.text,
            "gold": question.gold or " | ".join(question.says),
            "before": old.text, "before_right": question.right(old.text),
            "after": new.text, "after_right": question.right(new.text),
        })  # fmt: skip
    return found
