"""`/api/conjecture`: a statement, understood, confirmed, and searched by a job."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from lemmata.errors import UnknownJob
from lemmata.server.auth import allow
from lemmata.server.documents import ERRORS
from lemmata.server.openai_types import Strict
from lemmata.server.routes.jobs import JobBody, body_of, jobs_of, search_of
from lemmata.server.service import Service, Serving

if TYPE_CHECKING:
    from lemmata.apps.conjecture import Spec

router = APIRouter(tags=["Jobs"], dependencies=[Depends(allow("tune"))])
Paper = Literal[
    "report.md", "report.zh-CN.md", "report.tex", "report.json", "checker.py", "plot.svg"
]
_PAPER = {
    **ERRORS,
    200: {
        "description": "The file.",
        "content": {"application/octet-stream": {"schema": {"type": "string"}}},
    },
}


class Words(Strict):
    """`text` is the spec as a person has corrected it; without it the statement is formalised.
    `model`: let the served model try what the templates do not understand."""

    statement: str = Field(min_length=3, max_length=4000)
    text: str | None = Field(None, min_length=3, max_length=20_000)
    model: bool = False


class Understood(BaseModel):
    """What would be searched, in words to confirm; `text` can be edited and sent back.
    `formalised_by` names the model where one wrote it."""

    statement: str
    words: str
    words_zh: str
    text: str
    latex: str
    formalised_by: str | None


class Statement(Strict):
    """In English, Chinese, LaTeX or the spec language. `spec` is the text that was confirmed, which
    then counts. `budget_s` is how long to search, `limit` up to where."""

    statement: str = Field(min_length=3, max_length=4000)
    spec: str | None = Field(None, min_length=3, max_length=20_000)
    budget_s: int = Field(60, ge=1, le=8 * 3600)
    limit: int | None = Field(None, ge=1, le=10**15)
    seed: int = Field(0, ge=0, le=2**31 - 1)


@router.post("/api/conjecture/formalise", responses=ERRORS)
async def formalise(body: Words, service: Serving) -> Understood:
    """What a statement means as a typed spec, shown back in words. Nothing is searched yet."""
    from lemmata.apps.conjecture import spoken
    from lemmata.apps.conjecture.language.typeset import typeset

    spec, writer = await _understood(body, service)
    return Understood(
        statement=spec.statement,
        words=spoken(spec),
        words_zh=spoken(spec, "zh"),
        text=spec.text(),
        latex=typeset(spec),
        formalised_by=writer,
    )


async def _understood(body: Words, service: Service) -> tuple[Spec, str | None]:
    """Templates first: what they understand they understand surely."""
    from lemmata.apps.conjecture import NotUnderstood, formalise
    from lemmata.apps.conjecture.formalise import model

    statement = _plain(body.statement)
    if body.text is not None:
        return await asyncio.to_thread(_read, _plain(body.text), statement), None
    try:
        return await asyncio.to_thread(formalise, statement), None
    except NotUnderstood as fault:
        if not body.model:
            mend = "Say it in other words, or write the spec yourself."
            raise NotUnderstood(fault.cause, mend) from None
    engine = service.ready()
    return await model.formalise(statement, engine), engine.health().model


@router.post("/api/conjecture", responses=ERRORS, status_code=201)
def conjecture(body: Statement, service: Serving) -> JobBody:
    """A job that searches for a counterexample; every claim of its `output` was computed. Its log
    of events tells how far it has come; stopped, or at the end of its budget, it can go on."""
    statement = _plain(body.statement)
    spec = _read(_plain(body.spec), statement) if body.spec is not None else None
    words = ["conjecture", "--yes", "--json", "--budget", f"{body.budget_s}s"]
    words += ["--seed", str(body.seed), *(["--limit", str(body.limit)] if body.limit else [])]
    jobs = jobs_of(service)
    about = body.model_dump(exclude_none=True) | {"statement": statement}
    number = jobs.new()
    words += ["--out", str(search_of(jobs, number))]
    if spec is None:
        words += ["--", statement]
    else:
        path = jobs.folder(number) / "confirmed.json"
        path.write_text(json.dumps(spec.to_json(), ensure_ascii=False), encoding="utf-8")
        words += ["--spec", str(path)]
    return body_of(jobs.start(number, "conjecture", statement[:80], words, about))


@router.get("/api/conjecture/{number}/{paper}", responses=_PAPER, response_class=FileResponse)
def paper(number: str, paper: Paper, service: Serving) -> FileResponse:
    """A file of the report: Markdown, LaTeX, JSON, the plot, or the script that checks the
    counterexample without Lemmata."""
    jobs = jobs_of(service)
    path = search_of(jobs, jobs.get(number).id) / paper
    if not path.is_file():
        raise UnknownJob(f"this search has written no {paper}", "Wait for its end.")
    return FileResponse(path, media_type="application/octet-stream", filename=paper)


def _read(text: str, statement: str) -> Spec:
    from lemmata.apps.conjecture import read
    from lemmata.errors import BadInput

    try:
        return read(text, statement)
    except RecursionError:
        raise BadInput("the spec is nested too deeply", "Write it more simply.") from None


def _plain(text: str) -> str:
    """A null cannot stand among a command's words, nor a lone surrogate in a file."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")
