"""`/api/roles`: how a question may be framed."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from lemmata.prompts import roles
from lemmata.server.auth import allow
from lemmata.server.documents import ERRORS

router = APIRouter(tags=["Lemmata"], dependencies=[Depends(allow("infer"))])


class Role(BaseModel):
    """`tasks` are those whose default it is."""

    name: str
    description: str
    tasks: list[str]


class Roles(BaseModel):
    roles: list[Role]


@router.get("/api/roles", responses=ERRORS)
async def list_roles() -> Roles:
    """The shipped roles, by name; `none` besides them sends a question bare."""
    loaded = (roles.load(name) for name in roles.names())
    return Roles(
        roles=[Role(name=r.name, description=r.description, tasks=list(r.tasks)) for r in loaded]
    )
