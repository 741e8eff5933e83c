"""`/api/verify/…`: check an answer without generating anything."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from pydantic import Field

from lemmata import verify
from lemmata.server.documents import ERRORS
from lemmata.server.openai_types import Strict
from lemmata.server.routes.solve import VerdictBody

router = APIRouter(tags=["Lemmata"])


class MathCheck(Strict):
    """Either may be bare or stand at the end of a derivation."""

    answer: str = Field(min_length=1)
    gold: str = Field(min_length=1)


@router.post("/api/verify/math", responses=ERRORS)
async def math(body: MathCheck) -> VerdictBody:
    """Whether the answer equals the gold answer: `correct`, `incorrect` or `undecided`."""
    verdict = await asyncio.to_thread(verify.verify_math, body.answer, body.gold)
    return VerdictBody(state=verdict.state, reason=verdict.reason)
