"""The Python API: what the commands do, as functions. `from lemmata import …` gives these names.

Nothing heavy is imported before it is used: each name is importable without torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lemmata.engines.base import Sampling
    from lemmata.engines.sync import SyncEngine
    from lemmata.eval.results import Report
    from lemmata.solve import Control, Options
    from lemmata.types import Problem, Solution, Verdict
    from lemmata.verify import Asserts, Call, Judgement, Limits, Stdio, StepReport


def open_engine(model: str | Path = "smollm2-135m") -> SyncEngine:
    """An engine on a model of the store (name or path), on a URL, or "echo".

    Blocks until it is ready. Raises UnknownModel, ModelRefused, EngineDied.
    """
    from lemmata import settings
    from lemmata.engines import open_engine as opened
    from lemmata.engines.sync import SyncEngine

    return SyncEngine(opened(model, settings.load()))


def solve(
    problem: str | Problem,
    engine: SyncEngine,
    *,
    adapter: str | None = None,
    role: str | None = None,
    votes: int = 1,
    sampling: Sampling | None = None,
    how: Options | None = None,
    control: Control | None = None,
) -> Solution:
    """A checked answer to a problem; at most `votes` derivations are grouped by mathematical
    equality, fewer where the answer is settled earlier.

    `role` None is the adapter's own, else the task's. `how` holds budgets, strategy, language
    policy and the rest (`lemmata.solve.Options`); `control` answers now or stops from another
    thread. Raises BadInput (empty problem, unknown role), ContextOverflow, UnknownAdapter,
    EngineDied.
    """
    from lemmata.solve import solve_async
    from lemmata.solve.role import of_adapter

    asking = solve_async(
        problem,
        engine.engine,
        adapter=adapter,
        role=role or of_adapter(adapter, engine.adapters()),
        votes=votes,
        sampling=sampling,
        how=how,
        control=control,
    )
    return engine.run(asking)


def verify_math(answer: str, gold: str) -> Verdict:
    """Whether two answers are equal: correct, incorrect, or undecided with the reason."""
    from lemmata.verify import verify_math as verify

    return verify(answer=answer, gold=gold)


def verify_steps(text: str, problem: str = "") -> StepReport:
    """What a machine can check of each step of a derivation; the problem's numbers are known."""
    from lemmata.verify import verify_steps as verify

    return verify(text, problem)


def judge(
    program: str,
    tests: Sequence[Stdio | Call | Asserts],
    limits: Limits | None = None,
    language: str = "python",
) -> Judgement:
    """One verdict a test for a program run in the sandbox. Raises EnvironmentMissing."""
    from lemmata.verify import judge as verify

    return verify(program, tests, limits, language)


def train(recipe: Path | str, **overrides: Any) -> Path:
    """Tune by a recipe; gives the run's folder, whose `final/` is the adapter.

    Raises BadRecipe, BadData, UnknownModel, MissingExtra.
    """
    from lemmata.train import train as tune

    return tune(recipe, **overrides)


def evaluate(
    benchmark: str | Path,
    engine: SyncEngine | str = "smollm2-135m",
    *,
    out: Path | str | None = None,
    **wish: Any,
) -> Report:
    """Measure on a benchmark (a name, a file, `task:NAME`); gives the report, whose `folder` holds
    the predictions, results.json and report.html. A folder that holds the same run is gone on with.

    `engine` is an open one with its adapters loaded, or the name of a model, whose exact
    predictions are then used again. `wish` has the fields of `lemmata.eval.prepare.Wish`: role,
    language, policy, adapter, strategy (each a sequence of values), k, limit, temperature, seed,
    max_tokens, protocol, quick, …

    Raises BadInput, BadData, NoNetwork, UnknownModel, UnknownAdapter, EngineDied, DiskFull.
    """
    from lemmata import settings
    from lemmata.eval import session

    return session.measure(benchmark, engine, Path(out) if out else None, settings.load(), wish)
