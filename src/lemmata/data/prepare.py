"""Sources to a prepared folder: cleaned, audited, split, ordered, with a manifest of hashes.

    OUT/train.jsonl     examples in the documented form (`lemmata.data.examples`), in input order
    OUT/heldout.jsonl   the same, never to be trained on
    OUT/order.json      the order of training, where one was asked for (`lemmata.data.order`)
    OUT/dropped.jsonl   every row that was dropped: place, reason, detail
    OUT/manifest.json   sources, counts with reasons, hashes

Rows stream through: they are held on disk, in memory there are about 0.6 KiB a row (sketches,
hashes, offsets).
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lemmata import __version__
from lemmata.data import landing
from lemmata.data.audit import Auditor
from lemmata.data.clean import Cleaner, Rules, Settled
from lemmata.data.examples import load, to_line
from lemmata.data.framing import frame
from lemmata.data.order import FILE, Order
from lemmata.data.read import Source, sha256
from lemmata.data.row import NEAR_TWIN, RowRefused, Sample
from lemmata.data.split import held_out
from lemmata.data.tally import Tally
from lemmata.errors import BadData
from lemmata.models.progress import Progress
from lemmata.types import Example

_REPORT_EVERY = 256


@dataclass(frozen=True, slots=True)
class Difficulty:
    """A measure of difficulty: its name and what it says of one example."""

    name: str
    of: Callable[[Example], float]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with the rows."""

    rules: Rules = field(default_factory=Rules)
    split: float = 0.1
    """Share that is held out, 0 to below 1."""
    seed: int = 0
    role: str | None = None
    """None: by each row's task."""
    auditor: Auditor | None = None
    difficulty: Difficulty | None = None


def admitted(
    sources: Sequence[Source], plan: Plan, cleaner: Cleaner, tally: Tally, progress: Progress
) -> Iterator[list[Sample]]:
    """For each row that cleaning admits, what the audit leaves: the row, its parts, nothing."""
    for source in sources:
        for sample in source.samples(tally):
            if tally.examples % _REPORT_EVERY == 0:
                progress(f"reading {source.name}", tally.examples, None)
            if not cleaner.admit(sample):
                continue
            framed = Sample(sample.source, sample.line, frame(sample.example, plan.role))
            try:
                yield plan.auditor.pass_on(framed) if plan.auditor else [framed]
            except RowRefused as refused:
                tally.drop(sample.place, refused.reason, refused.detail)
                yield []


def check(sources: Sequence[Source], plan: Plan, progress: Progress) -> dict[str, Any]:
    """What preparing would find; writes nothing."""
    tally = Tally()
    cleaner = Cleaner(plan.rules, tally)
    places, kept = [], array("L")
    for samples in admitted(sources, plan, cleaner, tally, progress):
        places.append(samples[0].place if samples else "")
        kept.append(len(samples))
    settled = _settle(cleaner, tally, places)
    total = sum(count for row, count in enumerate(kept) if row not in settled.duplicate_of)
    return _report(sources, plan, tally) | {"kept": total}


def _settle(cleaner: Cleaner, tally: Tally, places: Sequence[str]) -> Settled:
    settled = cleaner.settle()
    for late, early in sorted(settled.duplicate_of.items()):
        if places[late]:  # else the audit has dropped it already
            tally.drop(places[late], NEAR_TWIN, f"of {places[early] or 'an earlier row'}")
    return settled


def _report(sources: Sequence[Source], plan: Plan, tally: Tally) -> dict[str, Any]:
    report = {"sources": [source.about() for source in sources], **tally.as_json(), "truncated": 0}
    return report | ({"audit": plan.auditor.about()} if plan.auditor else {})


def prepare(sources: Sequence[Source], out: Path, plan: Plan, progress: Progress) -> dict[str, Any]:
    """Write the prepared folder; gives the manifest.

    Raises BadData where the audit finds faults, nothing is left, or nothing can be held out; `out`
    is then as it was before.
    """
    with landing.staged(out) as folder, ExitStack() as stack:
        tally = Tally()
        with (folder / "dropped.jsonl").open("w", encoding="utf-8") as dropped:
            tally.record = lambda place, reason, detail: _log(dropped.write, place, reason, detail)
            spool = stack.enter_context(_Spool(folder / "spool"))
            cleaner = Cleaner(plan.rules, tally)
            for samples in admitted(sources, plan, cleaner, tally, progress):
                spool.add(samples)
            settled = _settle(cleaner, tally, spool.places)
        if plan.auditor:
            plan.auditor.findings.refuse()
        rows = [row for row in range(len(spool.places)) if _is_kept(row, spool, settled)]
        if not rows:
            raise BadData(f"no row is left: {_why(tally)}", "`lemmata data check` shows which.")
        manifest = _report(sources, plan, tally) | _write(folder, spool, rows, settled, plan)
        if plan.difficulty:
            manifest["order"] = _order(folder, manifest["train"], plan, progress)
        text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
        (folder / landing.MANIFEST).write_text(text, encoding="utf-8")
        return manifest


def _log(write: Callable[[str], int], place: str, reason: str, detail: str) -> None:
    entry = {"place": place, "reason": reason, "detail": detail}
    write(json.dumps(entry, ensure_ascii=False) + "\n")


def _is_kept(row: int, spool: _Spool, settled: Settled) -> bool:
    return bool(spool.places[row]) and row not in settled.duplicate_of


def _why(tally: Tally) -> str:
    if not tally.dropped:
        return "the files hold none"
    reason, count = tally.dropped.most_common(1)[0]
    return f"{count} of {tally.examples or tally.rows} dropped for {reason!r}"


def _write(
    folder: Path, spool: _Spool, rows: Sequence[int], settled: Settled, plan: Plan
) -> dict[str, Any]:
    """Split the kept rows into the two files; gives their part of the manifest."""
    clusters = [settled.cluster[row] for row in rows]
    held = held_out(clusters, plan.split, plan.seed)
    train = [row for row, out in zip(rows, held, strict=True) if not out]
    heldout = [row for row, out in zip(rows, held, strict=True) if out]
    return {
        "lemmata": __version__,
        "format": 1,
        "kept": sum(spool.lines[row] for row in rows),
        "seed": plan.seed,
        "role": plan.role or "by task",
        "rules": plan.rules.about(),
        "clusters": len(set(clusters)),
        "train": spool.copy(train, folder / "train.jsonl"),
        "heldout": spool.copy(heldout, folder / "heldout.jsonl"),
    }


def _order(folder: Path, train: dict[str, Any], plan: Plan, progress: Progress) -> dict[str, Any]:
    assert plan.difficulty is not None
    values: list[float] = []
    for example in load(folder / "train.jsonl"):
        progress(f"measuring difficulty ({plan.difficulty.name})", len(values), train["examples"])
        values.append(round(plan.difficulty.of(example), 6))
    order = Order.of(train["sha256"], plan.difficulty.name, values, plan.seed)
    path = folder / FILE
    path.write_text(order.to_json(), encoding="utf-8")
    return {
        "file": path.name,
        "sha256": sha256(path),
        "measure": order.measure,
        "easiest": min(values),
        "hardest": max(values),
    }


class _Spool:
    """Admitted rows on disk, by number; `places[row]` is "" where the audit left nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("w+b")
        self._offsets = array("Q", [0])
        self.places: list[str] = []
        self.lines = array("L")

    def add(self, samples: Sequence[Sample]) -> None:
        for sample in samples:
            self._file.write(to_line(sample.example).encode())
        self.places.append(samples[0].place if samples else "")
        self.lines.append(len(samples))
        self._offsets.append(self._file.tell())

    def copy(self, rows: Sequence[int], target: Path) -> dict[str, Any]:
        """Write these rows to a file; gives its name, count and hash."""
        with target.open("wb") as file:
            for row in rows:
                self._file.seek(self._offsets[row])
                file.write(self._file.read(self._offsets[row + 1] - self._offsets[row]))
        count = sum(self.lines[row] for row in rows)
        return {"file": target.name, "examples": count, "sha256": sha256(target)}

    def __enter__(self) -> _Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._path.unlink()
