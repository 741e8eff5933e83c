"""From what a person asks for to a plan and its problems, before any model is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lemmata.errors import BadData, BadInput, NoNetwork
from lemmata.eval import benchmark, graders, items, plan, sources
from lemmata.eval.benchmark import Benchmark, Rows
from lemmata.eval.graders import Grader
from lemmata.eval.item import Item
from lemmata.eval.items import Refused
from lemmata.eval.plan import Plan
from lemmata.models.progress import Progress, silent
from lemmata.settings import Settings

LANGUAGES = ("en", "zh")
"""Of questions."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for; what is left out, the benchmark or the protocol decides."""

    role: Sequence[str] = ()
    language: Sequence[str] = ()
    policy: Sequence[str] = ()
    adapter: Sequence[str] = ()
    strategy: Sequence[str] = ()
    k: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    thinking_budget: int | None = None
    seed: int = 0
    limit: int | None = None
    shuffle: bool = False
    protocol: str = "default"
    quick: bool = False
    data: str | None = None
    skip_bad: bool = False


def prepare(
    spec: str, wish: Wish, settings: Settings, progress: Progress = silent
) -> tuple[Plan, tuple[Item, ...], tuple[Refused, ...]]:
    """Read a benchmark and resolve what to do with it, before any model is loaded.

    Raises BadInput, BadData (rows that cannot be used, golds that do not pass: the first is named),
    NoNetwork, MissingExtra.
    """
    declared = benchmark.load(spec)
    for language in wish.language:
        if language not in LANGUAGES:
            raise BadInput(f"there is no language {language!r}", "Say en or zh, or both: en,zh.")
    protocol = plan.protocol(wish.protocol)
    k = wish.k or protocol.k
    sampling = plan.sampling(protocol, k, wish.temperature, wish.top_p, wish.max_tokens, wish.seed)
    if sampling.max_tokens is None:
        sampling = replace(sampling, max_tokens=declared.max_tokens)
    grader = graders.find(declared.grader)
    found, refused, kind = _items(declared, grader, wish, settings, progress)
    languages = [tongue for tongue in LANGUAGES if any(i.language == tongue for i in found)]
    cells = plan.cells(
        [item.task for item in found],
        languages,
        role=wish.role or ((protocol.role,) if protocol.role else ()),
        policy=wish.policy,
        adapter=wish.adapter or declared.adapters,
        strategy=wish.strategy,
    )
    made = Plan(
        declared.name, declared.title, declared.licence, kind, cells, k, sampling,
        protocol.stop_loops, wish.thinking_budget, wish.protocol,
    )  # fmt: skip
    return made, tuple(found), tuple(refused)


def _items(
    declared: Benchmark,
    grader: Grader,
    wish: Wish,
    settings: Settings,
    progress: Progress,
) -> tuple[list[Item], list[Refused], str]:
    rows = declared.rows(wish.quick)
    if wish.data is not None:
        fields = declared.extract.fields if declared.extract else declared.full.fields
        rows = Rows({"": str(Path(wish.data).absolute())}, fields)
    read = list(items.distinct(_read(declared, rows, settings, progress)))
    languages = wish.language or declared.languages
    if wish.shuffle:
        good = [item for item in read if isinstance(item, Item)]
        bad = [item for item in read if isinstance(item, Refused)]
        read = [*bad, *sources.shuffled(good, wish.seed)]
    chosen, refused = items.choose(read, languages, wish.limit)
    kind = declared.grader
    if chosen and all(item.task == "code" for item in chosen):
        kind, grader = "code", graders.find("code")
    good, failing = items.check(chosen, grader, progress)
    refused += failing
    if refused and not (wish.skip_bad or declared.skip_bad):
        first = refused[0]
        more = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
        raise BadData(
            f"{declared.name}: {first.place}: {first.why}{more}",
            "Mend the rows, or leave them out with --skip-bad.",
        )
    if not good:
        raise BadData(f"{declared.name} has no problem to ask", "Check --language, and the rows.")
    return good, refused, kind


def _read(
    declared: Benchmark, rows: Rows, settings: Settings, progress: Progress
) -> Iterator[Item | Refused]:
    """The rows; where the hub is out of reach, what can be done without it."""
    try:
        yield from sources.read(declared, rows, settings, progress)
    except NoNetwork as error:
        if declared.extract is None:
            raise
        mend = "Take the shipped extract with --quick, or a file of yours with --data."
        raise NoNetwork(error.cause, mend) from error
