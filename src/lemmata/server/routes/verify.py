"""`/api/verify/…`: check an answer without generating anything."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from lemmata import verify
from lemmata.server.auth import allow
from lemmata.server.documents import ERRORS
from lemmata.server.openai_types import Strict
from lemmata.server.solve_documents import StepBody, VerdictBody
from lemmata.types import as_json

router = APIRouter(tags=["Lemmata"], dependencies=[Depends(allow("infer"))])


class MathCheck(Strict):
    """Either may be bare or stand at the end of a derivation."""

    answer: str = Field(min_length=1)
    gold: str = Field(min_length=1)


class Derivation(Strict):
    """`problem`: its numbers then count as known."""

    text: str = Field(min_length=1)
    problem: str = ""


class StepReportBody(BaseModel):
    """`coverage` is the share of steps that were checked; `first_wrong` an index into `steps`."""

    steps: list[StepBody]
    coverage: float
    first_wrong: int | None


@router.post("/api/verify/math", responses=ERRORS)
async def math(body: MathCheck) -> VerdictBody:
    """Whether the answer equals the gold answer: `correct`, `incorrect` or `undecided`."""
    verdict = await asyncio.to_thread(verify.verify_math, body.answer, body.gold)
    return VerdictBody(state=verdict.state, reason=verdict.reason)


@router.post("/api/verify/steps", responses=ERRORS, response_model=StepReportBody)
async def steps(body: Derivation) -> JSONResponse:
    """Every step of a derivation with its mark."""
    report = await asyncio.to_thread(verify.verify_steps, body.text, body.problem)
    return JSONResponse(as_json(report))
