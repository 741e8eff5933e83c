"""`lemmata eval`: measure, compare, grade again, and look at it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from lemmata.eval.results import Report

_EXAMPLES = """
**Examples**

    lemmata eval run counting --limit 12
    lemmata eval compare evals/before evals/after
    lemmata eval list
"""
_RUN_EXAMPLES = """
**Examples**

    lemmata eval run counting --limit 12
    lemmata eval run gsm8k --quick --k 4 --max-tokens 512
    lemmata eval run mgsm --role math,official,none --limit 50
    lemmata eval run aime24 aime25 hmmt25 --protocol vibethinker --model vibethinker-1.5b
    lemmata eval run my.jsonl --url http://127.0.0.1:8000/v1 --concurrency 256
"""
_RESUME_EXAMPLES = """
**Examples**

    lemmata eval resume ~/.local/share/lemmata/evals/gsm8k-20261123-120000
"""
_COMPARE_EXAMPLES = """
**Examples**

    lemmata eval compare evals/before evals/after
    lemmata eval compare evals/before evals/after --json | jq .contrasts
"""
_RESCORE_EXAMPLES = """
**Examples**

    lemmata eval rescore evals/before
"""
_REPORT_EXAMPLES = """
**Examples**

    lemmata eval report evals/before
"""
_LIST_EXAMPLES = """
**Examples**

    lemmata eval list
    lemmata eval list --json
"""
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
_Folder = Annotated[Path, typer.Argument(help="A run's folder.")]


def register(app: typer.Typer) -> None:
    evaluate = typer.Typer(
        no_args_is_help=True, help="Measure a model, and be told how surely.", epilog=_EXAMPLES
    )
    evaluate.command("run", epilog=_RUN_EXAMPLES)(_run)
    evaluate.command("resume", epilog=_RESUME_EXAMPLES)(_resume)
    evaluate.command("compare", epilog=_COMPARE_EXAMPLES)(_compare)
    evaluate.command("rescore", epilog=_RESCORE_EXAMPLES)(_rescore)
    evaluate.command("report", epilog=_REPORT_EXAMPLES)(_report)
    evaluate.command("list", epilog=_LIST_EXAMPLES)(_list)
    app.add_typer(evaluate, name="eval")


def _run(
    benchmarks: Annotated[
        list[str], typer.Argument(help="Names, .toml or data files, task:NAME, gym:NAME, hf:….")
    ],
    role: Annotated[str, typer.Option(help="Roles, with commas; `auto`: the task's own.")] = "",
    language: Annotated[str, typer.Option(help="Of the questions: en, zh.")] = "",
    policy: Annotated[str, typer.Option(help="Language policies, with commas.")] = "",
    adapter: Annotated[str, typer.Option(help="Adapters, with commas; `base`: none.")] = "",
    strategy: Annotated[str, typer.Option(help="sample, or vote:N.")] = "",
    k: Annotated[int | None, typer.Option("--k", min=1, help="Attempts at each problem.")] = None,
    temperature: Annotated[float | None, typer.Option(min=0, max=2, help="0: greedy.")] = None,
    top_p: Annotated[
        float | None, typer.Option(min=0.01, max=1, help="Of the likeliest tokens; else 0.95.")
    ] = None,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="Of one answer.")] = None,
    thinking_budget: Annotated[
        int | None, typer.Option(min=1, help="Tokens of thinking before it is closed.")
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=2**31 - 1, help="Of the first attempt; the next adds one.")
    ] = 0,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N problems.")] = None,
    shuffle: Annotated[bool, typer.Option(help="In an order drawn from the seed.")] = False,
    protocol: Annotated[str, typer.Option(help="default, vibethinker, popular.")] = "default",
    quick: Annotated[bool, typer.Option(help="The shipped extract; no network.")] = False,
    data: Annotated[str | None, typer.Option(help="The benchmark's rows from this file.")] = None,
    skip_bad: Annotated[bool, typer.Option(help="Leave out rows that cannot be used.")] = False,
    model: Annotated[
        str | None,
        typer.Option(help="Name or path; else LEMMATA_MODEL. With --url: which of its models."),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(help="An OpenAI-compatible server; its key: LEMMATA_ENGINE_KEY."),
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=4096, help="Requests in flight; 32, or 128 by URL.")
    ] = None,
    cache: Annotated[bool, typer.Option(help="Use and keep exact predictions.")] = True,
    out: Annotated[
        Path | None, typer.Option(help="The folder; one that holds this run is gone on with.")
    ] = None,
    as_json: _Json = False,
) -> None:
    """Measure. Ctrl-C loses nothing: the same command with the same --out goes on."""
    import asyncio

    from lemmata import settings as reading
    from lemmata.cli.eval_session import Session
    from lemmata.cli.eval_watch import watching
    from lemmata.cli.wanted import model_of
    from lemmata.eval.prepare import Wish, prepare
    from lemmata.models.progress import shown

    settings = reading.load()
    named = model_of(url, model, settings)
    wish = Wish(
        _words(role), _words(language), _words(policy), _words(adapter), _words(strategy), k,
        temperature, top_p, max_tokens, thinking_budget, seed, limit, shuffle, protocol, quick,
        data, skip_bad,
    )  # fmt: skip
    with shown() as progress:
        prepared = [prepare(spec, wish, settings, progress) for spec in benchmarks]
    session = Session(settings, named, concurrency, cache)
    places: list[Path] = []
    for plan, *_ in prepared:
        places.append(_place(out, plan.benchmark, len(prepared), settings.home, places))
    reports = asyncio.run(session.run(prepared, places, bool(wish.adapter), watching))
    _tell(reports, as_json)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _place(out: Path | None, name: str, runs: int, home: Path, taken: list[Path]) -> Path:
    """Where a run goes: as asked, a folder in it for each of several, else a new one."""
    from lemmata.eval.session import free, new_folder

    if out is None:
        return free(new_folder(home, name), taken)
    place, number = out / name if runs > 1 else out, 2
    while place in taken:
        place, number = out / f"{name}-{number}", number + 1
    return place


def _resume(
    run: _Folder,
    model: Annotated[str | None, typer.Option(help="Where the same model is now.")] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=4096, help="Requests in flight.")
    ] = None,
    as_json: _Json = False,
) -> None:
    """Go on with an interrupted run; what is done is not done again."""
    import asyncio

    from lemmata import settings as reading
    from lemmata.cli.eval_session import Session
    from lemmata.cli.eval_watch import watching
    from lemmata.eval import folder

    begun = folder.read(run)
    session = Session(reading.load(), model or begun.model.name, concurrency, True, begun.model)
    prepared = [(begun.plan, begun.items, begun.refused)]
    reports = asyncio.run(session.run(prepared, [run], True, watching))
    _tell(reports, as_json)


def _rescore(run: _Folder, as_json: _Json = False) -> None:
    """Grade a run's answers again with today's verifiers; generates nothing."""
    from lemmata.cli.eval_watch import watching
    from lemmata.eval.run import rescore

    with watching(run.name, run) as watch:
        made = rescore(run, watch)
    _tell([made], as_json)


def _report(run: _Folder, as_json: _Json = False) -> None:
    """Write results.json and report.html again, of an unfinished run too."""
    from lemmata.eval.run import again

    _tell([again(run)], as_json)


def _tell(reports: Sequence[Report], as_json: bool) -> None:
    if as_json:
        documents = [{"folder": str(each.folder), **each.as_json()} for each in reports]
        print(json.dumps(documents[0] if len(documents) == 1 else documents, ensure_ascii=False))
        return
    from lemmata.cli.eval_table import told

    for each in reports:
        print(told(each))


def _compare(
    a: Annotated[Path, typer.Argument(help="The folder of the first run.")],
    b: Annotated[Path, typer.Argument(help="The folder of the second run.")],
    as_json: _Json = False,
) -> None:
    """B less A on the same problems, and the probability that B is better."""
    from lemmata.eval.compare import compare

    made = compare(a, b)
    if as_json:
        print(json.dumps(made.as_json(), ensure_ascii=False))
        return
    from lemmata.cli.eval_table import compared

    print(compared(made))


def _list(as_json: _Json = False) -> None:
    """The benchmarks that come with Lemmata, the protocols, and the runs on this machine."""
    from lemmata import settings as reading
    from lemmata.eval import benchmark, plan

    shipped = [benchmark.load(name) for name in benchmark.names()]
    runs = sorted(path.parent for path in (reading.load().home / "evals").glob("*/run.json"))
    if as_json:
        print(json.dumps(_listing(shipped, runs), ensure_ascii=False))
        return
    for each in shipped:
        quick = "  (--quick)" if each.extract else ""
        print(f"{each.name:12} {each.title}{quick}")
    print("\nprotocols")
    for told in plan.protocols().values():
        print(f"{told.name:12} {told.about}")
    if runs:
        print("\nruns")
        print("\n".join(map(str, runs)))


def _listing(shipped: Sequence[Any], runs: Sequence[Path]) -> dict[str, Any]:
    from lemmata.eval import plan

    fields = ("name", "title", "licence", "source", "task", "grader")
    return {
        "benchmarks": [
            {name: getattr(each, name) for name in fields} | {"quick": each.extract is not None}
            for each in shipped
        ],
        "protocols": {told.name: told.about for told in plan.protocols().values()},
        "runs": [str(path) for path in runs],
    }
