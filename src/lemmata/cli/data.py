"""`lemmata data`: check data before it is trained on, prepare it, list the task families."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lemmata.errors import BadInput

if TYPE_CHECKING:
    from lemmata.data.clean import Rules
    from lemmata.data.read import Source
    from lemmata.models.progress import Progress
    from lemmata.settings import Settings

EXAMPLES = """
**Examples**

    lemmata data check rows.jsonl
    lemmata data check rows.jsonl --model smollm2-135m --show 3
    lemmata data prepare rows.csv task:vieta:2000 --out data/ --model smollm2-135m --max-tokens 1024
    lemmata data prepare hf:openai/gsm8k:main --out data/ --order nll --model smollm2-135m
    lemmata data tasks
"""

Files = Annotated[
    list[str],
    typer.Argument(
        help="Files, `hf:ORG/NAME[:FOLDER]`, or `task:NAME[:COUNT]`.", show_default=False
    ),
]
Model = Annotated[
    str | None, typer.Option(help="Audit tokens for this model (catalog name or path).")
]
MaxTokens = Annotated[int, typer.Option(min=16, help="Longest sample, prompt included.")]
OnLong = Annotated[
    Literal["error", "drop", "split"], typer.Option(help="What becomes of longer ones.")
]
Test = Annotated[
    list[Path] | None,
    typer.Option(help="More test sets that no row may repeat.", show_default=False),
]
Near = Annotated[float, typer.Option(min=0.5, max=1.0, help="Similarity of near duplicates.")]
AnswerOnly = Annotated[
    Literal["drop", "flag"], typer.Option(help="What becomes of rows without a derivation.")
]
Language = Annotated[
    list[str] | None, typer.Option(help="Keep only these: en, zh, other.", show_default=False)
]
Role = Annotated[str | None, typer.Option(help="Frame every row so; else by its task.")]
Seed = Annotated[int, typer.Option(min=0, help="Of split, order and task families.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]


def register(app: typer.Typer) -> None:
    data = typer.Typer(
        no_args_is_help=True, help="Check and prepare training data.", epilog=EXAMPLES
    )
    app.add_typer(data, name="data")
    data.command("check", epilog=EXAMPLES)(_check)
    data.command("prepare", epilog=EXAMPLES)(_prepare)
    data.command("tasks", epilog=EXAMPLES)(_tasks)


def _check(
    files: Files,
    model: Model = None,
    show: Annotated[
        list[int] | None,
        typer.Option(min=1, help="Show the loss mask of this row.", show_default=False),
    ] = None,
    max_tokens: MaxTokens = 4096,
    test: Test = None,
    near: Near = 0.8,
    answer_only: AnswerOnly = "drop",
    language: Language = None,
    role: Role = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Say what the files hold and what preparing would drop. Exit code 1 where it is not nothing.

    With --show the loss mask of single rows is printed instead: what is learnt stands in green,
    between ⟦ and ⟧.
    """
    from lemmata.cli import data_model, data_report
    from lemmata.data.prepare import Plan, check

    with _work(files, seed, language) as (settings, sources, progress), ExitStack() as stack:
        name = model or (settings.model if show else None)
        opened = stack.enter_context(data_model.opened(name, settings, progress)) if name else None
        if show and opened:
            data_report.show(sources, opened.render, show, role)
            return
        audit = data_model.auditor(opened, max_tokens, "error") if opened else None
        rules = _rules(near, answer_only, language, test)
        report = check(sources, Plan(rules, seed=seed, role=role, auditor=audit), progress)
    data_report.print_report(report, as_json)
    if report["dropped"] or report.get("audit", {}).get("faults"):
        raise typer.Exit(1)


def _prepare(
    files: Files,
    out: Annotated[Path, typer.Option(help="Folder to write into.")],
    model: Annotated[
        str | None,
        typer.Option(help="Audit tokens for this model; else LEMMATA_MODEL; `none`: no audit."),
    ] = None,
    max_tokens: MaxTokens = 4096,
    on_long: OnLong = "error",
    split: Annotated[float, typer.Option(min=0, max=0.9, help="Share to hold out.")] = 0.1,
    order: Annotated[
        str, typer.Option(help="Easy to hard by `nll` or `pass@K` of the model; `none`: as read.")
    ] = "none",
    test: Test = None,
    near: Near = 0.8,
    answer_only: AnswerOnly = "drop",
    language: Language = None,
    role: Role = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Clean, audit, split and order; write train.jsonl, heldout.jsonl and manifest.json."""
    from lemmata.cli import data_model, data_report
    from lemmata.data.prepare import Plan, prepare

    with _work(files, seed, language) as (settings, sources, progress), ExitStack() as stack:
        name = None if model == "none" else model or settings.model
        opened = stack.enter_context(data_model.opened(name, settings, progress)) if name else None
        audit = data_model.auditor(opened, max_tokens, on_long) if opened else None
        hard = None
        if order != "none":
            if opened is None:
                raise BadInput(f"--order {order} needs a model", "Name it with --model.")
            hard = data_model.difficulty(order, opened, seed)
        rules = _rules(near, answer_only, language, test)
        manifest = prepare(sources, out, Plan(rules, split, seed, role, audit, hard), progress)
    data_report.print_report(manifest | {"out": str(out)}, as_json)


def _tasks(as_json: Json = False) -> None:
    """List the families of problems that are made and checked by machine."""
    from lemmata.data.tasks.catalog import FAMILIES, SETS

    if as_json:
        families = [
            {"name": name, "title": family.TITLE, "task": family.TASK}
            for name, family in FAMILIES.items()
        ]
        sets = {name: list(members) for name, members in SETS.items()}
        print(json.dumps({"families": families, "sets": sets}, ensure_ascii=False))
        return
    for name, family in FAMILIES.items():
        print(f"task:{name:22} {family.TASK:9} {family.TITLE}")
    for name, members in SETS.items():
        print(f"task:{name:22} {'set':9} {', '.join(members)}")


@contextmanager
def _work(
    files: Sequence[str], seed: int, languages: Sequence[str] | None
) -> Iterator[tuple[Settings, list[Source], Progress]]:
    """Settings, opened sources (each told on stderr) and progress."""
    from lemmata import settings as reading
    from lemmata.data.read import FileSource, open_sources
    from lemmata.models.progress import shown

    settings = reading.load()
    with shown() as progress:
        sources = [
            source
            for spec in files
            for source in open_sources(spec, settings, progress, seed, languages or ())
        ]
        for source in sources:
            if isinstance(source, FileSource):
                print(source.guessed(), file=sys.stderr)
        yield settings, sources, progress


def _rules(
    near: float,
    answer_only: Literal["drop", "flag"],
    languages: Sequence[str] | None,
    tests: Sequence[Path] | None,
) -> Rules:
    """Cleaning with the checks of `verify` and all test sets."""
    from lemmata.data import test_sets
    from lemmata.data.clean import Rules
    from lemmata.data.read import test_set
    from lemmata.verify import verify_math

    named = [test_set(path) for path in tests or ()]
    return Rules(
        near,
        answer_only,
        tuple(languages or ()),
        (*test_sets.shipped(), *named),
        verify_math,
        _first_wrong_step,
    )


def _first_wrong_step(text: str) -> str:
    """What is wrong with the first step of a derivation that fails, or ""."""
    from lemmata.verify import verify_steps

    report = verify_steps(text)
    return "" if report.first_wrong is None else report.steps[report.first_wrong].reason
