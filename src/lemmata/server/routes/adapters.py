"""`/api/adapters`: the specialities that this server can answer with."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from lemmata.server.documents import ERRORS
from lemmata.server.service import Serving

router = APIRouter(tags=["Lemmata"])


class Adapter(BaseModel):
    """`sha256` is the hash of its content; `name` is what requests call it."""

    name: str
    sha256: str
    base: str
    rank: int
    alpha: float


class Adapters(BaseModel):
    adapters: list[Adapter]


@router.get("/api/adapters", responses=ERRORS)
async def adapters(service: Serving) -> Adapters:
    """The loaded adapters, by name."""
    loaded = service.ready().adapters()
    return Adapters(
        adapters=[
            Adapter(name=a.name, sha256=a.sha256, base=a.base, rank=a.rank, alpha=a.alpha)
            for a in loaded
        ]
    )
