"""`/v1/models`: the base and each adapter, by the names that requests use."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from lemmata.server.auth import allow
from lemmata.server.documents import ERRORS
from lemmata.server.service import Service, Serving

router = APIRouter(tags=["OpenAI"], dependencies=[Depends(allow("infer"))])


class Model(BaseModel):
    """`parent` and `root` say what an adapter stands on, as vLLM gives them."""

    id: str
    object: str = "model"
    created: int
    owned_by: str = "lemmata"
    root: str
    parent: str | None = None


class Models(BaseModel):
    object: str = "list"
    data: list[Model]


@router.get("/v1/models", responses=ERRORS)
async def models(service: Serving) -> Models:
    """The base model first, then the adapters by name."""
    return Models(data=_all(service))


@router.get("/v1/models/{model:path}", responses=ERRORS)
async def model(model: str, service: Serving) -> Model:
    """One of them."""
    service.adapter_of(model)
    return next(known for known in _all(service) if known.id == model)


def _all(service: Service) -> list[Model]:
    engine = service.ready()
    base, created = engine.health().model, service.started
    adapters = [
        Model(id=ref.name, created=created, root=ref.sha256, parent=base)
        for ref in engine.adapters()
    ]
    return [Model(id=base, created=created, root=base), *adapters]
