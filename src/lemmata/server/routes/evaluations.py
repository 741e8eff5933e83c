"""`/api/evaluations`: measure a model, look at every item, compare two runs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from lemmata.errors import UnknownRun
from lemmata.server.auth import allow
from lemmata.server.documents import ERRORS
from lemmata.server.openai_types import Strict
from lemmata.server.own_rows import to_measure
from lemmata.server.routes.data import PREPARED, file_of
from lemmata.server.routes.jobs import JobBody, body_of, jobs_of
from lemmata.server.service import Service, Serving

router = APIRouter(tags=["Jobs"], dependencies=[Depends(allow("tune"))])
OWN = "upload:"
RIGHT = ("correct", "ungraded")
_RUN = re.compile(r"\w[\w.\-]{0,120}")
_WORD = r"^[\w][\w.\-:@]{0,99}$"


class EvalRequest(Strict):
    """`benchmark` may be `upload:ID`: rows of one's own; of those that were prepared for tuning the
    held-out part. `adapters` are names, `base` for none; several are compared on the same items.
    `quick`: the benchmark's shipped extract, which needs no network."""

    benchmark: str = Field(pattern=r"^(task:|gym:|upload:)?[\w][\w.\-:]{0,99}$")
    adapters: list[Annotated[str, Field(pattern=_WORD)]] = Field(default_factory=list, max_length=8)
    roles: list[Annotated[str, Field(pattern=_WORD)]] = Field(default_factory=list, max_length=8)
    language: Literal["en", "zh"] | None = None
    k: int | None = Field(None, ge=1, le=64)
    limit: int | None = Field(None, ge=1, le=100_000)
    max_tokens: int | None = Field(None, ge=1, le=2**20)
    seed: int = Field(0, ge=0, le=2**31 - 1)
    protocol: Literal["default", "vibethinker", "popular"] = "default"
    quick: bool = False
    model: str | None = Field(None, pattern=_WORD, description="A catalog name; else the served.")

    def words(self, benchmark: str) -> list[str]:
        """The command's."""
        given = {
            "--adapter": ",".join(self.adapters), "--role": ",".join(self.roles),
            "--language": self.language, "--k": self.k, "--limit": self.limit,
            "--max-tokens": self.max_tokens, "--seed": self.seed, "--protocol": self.protocol,
            "--model": self.model,
        }  # fmt: skip
        words = [word for name, value in given.items() if value for word in (name, str(value))]
        return [benchmark, *words, *(["--quick"] if self.quick else [])]


class Benchmark(BaseModel):
    """`quick`: it ships with an extract."""

    name: str
    title: str
    licence: str
    task: str
    quick: bool


class Run(BaseModel):
    """One run's folder. `results` is its results.json: measures a cell, with intervals, and paired
    comparisons; None while there are none."""

    id: str
    benchmark: str
    model: str
    adapters: list[str]
    created: datetime
    complete: bool
    results: dict[str, Any] | None


class Runs(BaseModel):
    benchmarks: list[Benchmark]
    runs: list[Run]


class Attempt(BaseModel):
    """One attempt at an item: what was written and what it is worth."""

    cell: str
    attempt: int
    text: str
    tokens: int
    finish_reason: str
    state: str
    reason: str
    answer: str | None


class ItemBody(BaseModel):
    id: str
    problem: str
    gold: str
    language: str
    attempts: list[Attempt]


class Items(BaseModel):
    total: int
    items: list[ItemBody]


class ComparisonBody(BaseModel):
    """B less A on the same problems; `notes` tell what else differs."""

    contrasts: list[dict[str, Any]]
    notes: list[str]


@router.post("/api/evaluations", responses=ERRORS, status_code=201)
def start(body: EvalRequest, service: Serving) -> JobBody:
    """A job that measures; it goes on without page and server, and can be resumed."""
    benchmark, title = _benchmark(body.benchmark, service)
    jobs = jobs_of(service)
    number = jobs.new()
    folder = _root(service) / f"{re.sub(r'[^A-Za-z0-9.-]', '-', body.benchmark)}-{number[:8]}"
    model = [] if body.model else ["--model", service.settings.model]
    words = ["eval", "run", *body.words(benchmark), *model, "--out", str(folder), "--json"]
    about = {"evaluation": folder.name, **body.model_dump(exclude_defaults=True)}
    words += ["--skip-bad"] if body.benchmark.startswith(OWN) else []
    return body_of(jobs.start(number, "eval", " · ".join([title, *body.adapters]), words, about))


def _benchmark(asked: str, service: Service) -> tuple[str, str]:
    """What the command calls it, and a person. Raises UnknownUpload, BadData."""
    if not asked.startswith(OWN):
        return asked, asked
    path = file_of(service, asked.removeprefix(OWN))
    return str(to_measure(path, path.parent / PREPARED)), path.name


@router.get("/api/evaluations", responses=ERRORS)
def runs(service: Serving) -> Runs:
    """The benchmarks that ship, and the runs on this machine, the latest first."""
    from lemmata.eval import benchmark

    shipped = [benchmark.load(name) for name in benchmark.names()]
    told = [
        Benchmark(name=b.name, title=b.title, licence=b.licence, task=b.task, quick=bool(b.extract))
        for b in shipped
    ]
    found = []
    for path in _root(service).glob("*/run.json"):
        with contextlib.suppress(UnknownRun):  # one that is broken hides no other
            found.append(_run(path.parent))
    found.sort(key=lambda run: run.created, reverse=True)
    return Runs(benchmarks=told, runs=found)


@router.get("/api/evaluations/{name}", responses=ERRORS)
def run(name: str, service: Serving) -> Run:
    """One of them."""
    return _run(_folder(service, name))


@router.get("/api/evaluations/{name}/items", responses=ERRORS)
def items(
    name: str,
    service: Serving,
    offset: Annotated[int, Query(ge=0, le=10**7)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 25,
    wrong: Annotated[bool, Query(description="Only those with an attempt that is wrong.")] = False,
    differ: Annotated[
        bool, Query(description="Only those that one cell has right, and another not.")
    ] = False,
) -> Items:
    """The problems as asked, with every attempt and its grade."""
    found = _items(_folder(service, name))
    if wrong:
        found = [i for i in found if any(each.state not in RIGHT for each in i.attempts)]
    if differ:
        found = [item for item in found if _differs(item)]
    return Items(total=len(found), items=found[offset : offset + limit])


@router.get("/api/evaluations/{name}/compare/{other}", responses=ERRORS)
async def compared(name: str, other: str, service: Serving) -> ComparisonBody:
    """The other run less this one, on the problems they share."""
    from lemmata.eval.compare import compare

    made = await asyncio.to_thread(compare, _folder(service, name), _folder(service, other))
    told = [_finite(asdict(contrast)) for contrast in made.contrasts]
    return ComparisonBody(contrasts=told, notes=list(made.notes))


def _root(service: Service) -> Path:
    return service.settings.home / "evals"


def _folder(service: Service, name: str) -> Path:
    folder = _root(service) / name
    if not _RUN.fullmatch(name) or not (folder / "run.json").is_file():
        raise UnknownRun(f"there is no evaluation {name!r}", "List them first.")
    return folder


def _run(folder: Path) -> Run:
    """Raises UnknownRun where its files are no run's."""
    path = folder / "results.json"
    try:
        told = json.loads((folder / "run.json").read_bytes())
        results = json.loads(path.read_bytes()) if path.exists() else None
        return Run(
            id=folder.name,
            benchmark=told["plan"]["benchmark"],
            model=told["model"]["name"],
            adapters=sorted(told["adapters"]),
            created=datetime.fromtimestamp((folder / "run.json").stat().st_mtime, UTC),
            complete=bool(results and results["complete"]),
            results=results,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnknownRun(
            f"evaluation {folder.name!r} cannot be read", "Remove it, or run it again."
        ) from error


def _differs(item: ItemBody) -> bool:
    """Whether the cells were not equally often right."""
    right: dict[str, int] = {}
    for each in item.attempts:
        right[each.cell] = right.get(each.cell, 0) + (each.state == "correct")
    return len(set(right.values())) > 1


def _items(folder: Path) -> list[ItemBody]:
    from lemmata.eval import folder as folders

    run, made = folders.read(folder), folders.read_predictions(folder)
    grades = folders.read_grades(folder)
    attempts: dict[str, list[Attempt]] = {item.id: [] for item in run.items}
    for slot, prediction in made.items():
        grade = grades.get(slot)
        attempts[prediction.item].append(
            Attempt(
                cell=prediction.cell,
                attempt=prediction.attempt,
                text=prediction.text,
                tokens=prediction.tokens,
                finish_reason=prediction.finish_reason,
                state=grade.state if grade else "ungraded",
                reason=grade.reason if grade else "",
                answer=grade.answer if grade else None,
            )
        )
    return [
        ItemBody(id=i.id, problem=i.problem, gold=i.gold, language=i.language,
                 attempts=attempts[i.id])
        for i in run.items
    ]  # fmt: skip


def _finite(value: Any) -> Any:
    """JSON has no infinity: an interval that is open there ends with null."""
    if isinstance(value, float):
        return value if abs(value) != float("inf") else None
    if isinstance(value, dict):
        return {str(key): _finite(inner) for key, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, (list, tuple)) else value
