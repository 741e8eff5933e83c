"""What the conjecture search does on this machine: the classic searches, and formalising.

    python bench/conjecture.py            the searches (about two minutes; with --polya three more)
    python bench/conjecture.py --formalise [--model smollm2-135m]

Writes bench/results/conjecture.json; figures that were not measured this time are kept.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lemmata.apps.conjecture import NotUnderstood, Outcome, Spec, formalise, report, search
from lemmata.apps.conjecture.data.statements import paraphrases, statements, wordings
from lemmata.apps.conjecture.formalise.same import same
from lemmata.prompts.language import detect

RESULTS = Path(__file__).parent / "results" / "conjecture.json"

SEARCHES: list[tuple[str, str, str, float, int | None]] = [
    ("Goldbach to 10^7", "哥德巴赫猜想，到 10^7", "goldbach", 60, 10**7),
    ("n^2 + n + 41", "n^2 + n + 41", "euler-polynomial", 60, None),
    ("Fermat numbers", "费马数", "fermat-numbers", 60, None),
    ("Euler's sum of fifth powers", "欧拉五次幂和", "euler-powers", 60, None),
    ("Goldbach's other conjecture", "哥德巴赫的另一猜想", "goldbach-other", 60, None),
    ("prime gaps under 100", "素数间隔小于 100", "prime-gaps", 60, None),
    ("Collatz, 20 s", "考拉兹猜想，20 秒", "collatz", 20, None),
    ("odd perfect numbers, 20 s", "奇完全数，20 秒", "odd-perfect", 20, None),
    ("Mertens, 20 s", "梅滕斯猜想，20 秒", "mertens", 20, None),
]


def measure(
    name: str, name_zh: str, spec: Spec, budget: float, limit: int | None
) -> dict[str, Any]:
    began = time.perf_counter()
    *_, outcome = search(spec, budget, limit, seed=1)
    seconds = time.perf_counter() - began
    assert isinstance(outcome, Outcome)
    document = report(spec, outcome)
    row = {
        "name": name,
        "name_zh": name_zh,
        "seconds": round(seconds, 2),
        "covered": outcome.covered,
        "points_per_second": round(outcome.points / seconds),
        "known": document["known"],
        "known_zh": document["known_zh"],
    }
    print(f"{name:32} {seconds:7.2f} s  {row['points_per_second']:>12,}/s  {row['known']}")
    return row


def searches(polya: bool) -> list[dict[str, Any]]:
    gold = {statement.id: statement.gold() for statement in statements()}
    rows = [measure(name, zh, gold[key], *ends) for name, zh, key, *ends in SEARCHES]
    if polya:
        rows.append(measure("Pólya", "波利亚猜想", gold["polya"], 280, None))
    return rows


Formalise = Callable[[str], Spec]


def accuracy(name: str, by: Formalise, texts: list[tuple[str, Spec | None]]) -> dict[str, Any]:
    """How many were formalised right, wrong, or refused; what has no gold is rightly refused."""
    counts = {"right": 0, "wrong": 0, "refused": 0, "rightly_refused": 0}
    for text, gold in texts:
        try:
            spec = by(text)
        except NotUnderstood:
            counts["rightly_refused" if gold is None else "refused"] += 1
            continue
        counts["right" if gold is not None and same(spec, gold) else "wrong"] += 1
    print(f"{name:40} of {len(texts)}: {counts}")
    return {"name": name, "of": len(texts), **counts}


def formalising(model: str | None, languages: list[str]) -> list[dict[str, Any]]:
    gold = {statement.id: statement.gold() for statement in statements()}
    sets: dict[str, list[tuple[str, Spec | None]]] = {
        "statements, English": [(s.en, gold[s.id]) for s in statements()],
        "statements, Chinese": [(s.zh, gold[s.id]) for s in statements()],
        "other wordings, English": [(p.en, gold[p.of]) for p in paraphrases()],
        "other wordings, Chinese": [(p.zh, gold[p.of]) for p in paraphrases()],
        "new statements, English and LaTeX": _new("en"),
        "new statements, Chinese": _new("zh"),
    }
    rows = [accuracy(f"templates: {name}", formalise, texts) for name, texts in sets.items()]
    if model is not None:
        rows += _with_model(model, sets, [f"statements, {name}" for name in languages])
    return rows


def _new(language: str) -> list[tuple[str, Spec | None]]:
    return [(w.said, w.gold()) for w in wordings() if detect(w.said) == language]


def _with_model(
    model: str, sets: dict[str, list[tuple[str, Spec | None]]], names: list[str]
) -> list[dict[str, Any]]:
    from lemmata import settings
    from lemmata.apps.conjecture.formalise import model as by_model
    from lemmata.engines import open_engine

    engine = open_engine(model, settings.load())
    with asyncio.Runner() as runner:
        try:
            return [
                accuracy(
                    f"{model}: {name}",
                    lambda text: runner.run(by_model.formalise(text, engine)),
                    sets[name],
                )
                for name in names
            ]
        finally:
            runner.run(engine.close())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--formalise", action="store_true")
    parser.add_argument("--model")
    parser.add_argument(
        "--languages", nargs="+", default=["English", "Chinese"], help="that the model is asked in"
    )
    parser.add_argument("--polya", action="store_true")
    asked = parser.parse_args()
    held = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if asked.formalise:
        rows = formalising(asked.model, asked.languages)
        names = {row["name"] for row in rows}
        kept = [row for row in held.get("formalising", []) if row["name"] not in names]
        held["formalising"] = rows + kept
    else:
        held["searches"] = searches(asked.polya)
    held["machine"] = {"cores": os.cpu_count(), "python": platform.python_version()}
    RESULTS.write_text(json.dumps(held, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
