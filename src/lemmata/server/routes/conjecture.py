"""`/api/conjecture`: a statement, searched for a counterexample by a job."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import Field

from lemmata.server.auth import allow
from lemmata.server.documents import ERRORS
from lemmata.server.openai_types import Strict
from lemmata.server.routes.jobs import JobBody, body_of, jobs_of
from lemmata.server.service import Serving

router = APIRouter(tags=["Jobs"], dependencies=[Depends(allow("tune"))])


class Statement(Strict):
    """In English, Chinese, LaTeX or the spec language. `budget_s` is how long to search, `limit` up
    to where."""

    statement: str = Field(min_length=3, max_length=4000)
    budget_s: int = Field(60, ge=1, le=8 * 3600)
    limit: int | None = Field(None, ge=1, le=10**15)
    seed: int = Field(0, ge=0, le=2**31 - 1)


@router.post("/api/conjecture", responses=ERRORS, status_code=201)
def conjecture(body: Statement, service: Serving) -> JobBody:
    """A job that searches for a counterexample; every claim of its `output` was computed."""
    statement = body.statement.replace("\x00", " ")
    words = ["conjecture", "--yes", "--json", "--budget", f"{body.budget_s}s"]
    words += ["--seed", str(body.seed), *(["--limit", str(body.limit)] if body.limit else [])]
    jobs = jobs_of(service)
    about = body.model_dump(exclude_none=True) | {"statement": statement}
    number = jobs.new()
    words += ["--out", str(jobs.folder(number) / "search"), "--", statement]
    return body_of(jobs.start(number, "conjecture", statement[:80], words, about))
