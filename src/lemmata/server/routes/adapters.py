"""`/api/adapters`: the specialities that this server answers with; they come and go as it runs."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from lemmata.adapters import archive, canonical, manifest
from lemmata.adapters.registry import Registry
from lemmata.errors import BadInput, UnknownAdapter
from lemmata.server.auth import allow
from lemmata.server.documents import ERRORS
from lemmata.server.openai_types import Strict
from lemmata.server.service import Service, Serving
from lemmata.types import AdapterRef

router = APIRouter(tags=["Lemmata"])
# Other servers' adapters may have a slash in their name (`:path`); one that is made here has none.
TUNE = [Depends(allow("tune"))]
ZIP = "application/zip"
UNPACKED = 2**30
"""Bytes that an uploaded zip may unpack to."""
_UPLOAD = {
    "requestBody": {
        "required": True,
        "description": "A zip of an adapter folder: safetensors, never pickles.",
        "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Adapter(BaseModel):
    """`sha256` is the hash of its content; `name` is what requests call it."""

    name: str
    sha256: str
    base: str
    rank: int
    alpha: float


class AdapterCard(Adapter):
    """`size` is in bytes; `about` is what the adapter tells of itself (`lemmata.json`): where it
    comes from, its gates, what it was measured to do. `registered`: it outlives the server;
    `strength`: the factor on what it adds."""

    size: int
    registered: bool
    strength: float
    about: dict[str, Any]


class Adapters(BaseModel):
    adapters: list[Adapter]


class Alias(Strict):
    adapter: str = Field(min_length=1, max_length=64, description="A name it has already.")


class Strength(Strict):
    strength: float = Field(ge=-2, le=2, description="0: the base, 1: as trained.")


@router.get("/api/adapters", responses=ERRORS, dependencies=[Depends(allow("infer"))])
async def adapters(service: Serving) -> Adapters:
    """The loaded adapters, by name."""
    return Adapters(adapters=[shown(ref) for ref in service.ready().adapters()])


@router.get("/api/adapters/{name:path}", responses=ERRORS, dependencies=[Depends(allow("infer"))])
def card(name: str, service: Serving) -> AdapterCard:
    """One of them, with all that is told of it."""
    ref = next((ref for ref in service.ready().adapters() if ref.name == name), None)
    if ref is None:
        raise UnknownAdapter(f"there is no adapter {name!r} here", "List them first.")
    files = [path for path in ref.path.iterdir() if path.is_file()] if ref.path.is_dir() else []
    return AdapterCard(
        **shown(ref).model_dump(),
        size=sum(path.stat().st_size for path in files),
        strength=service.strengths.get(name, 1.0),
        registered=service.settings.adapters_dir.resolve() in ref.path.resolve().parents,
        about=asdict(manifest.read(ref.path)) if files else {},
    )


@router.put("/api/adapters/{name}", responses=ERRORS, openapi_extra=_UPLOAD, dependencies=TUNE)
async def upload(name: str, request: Request, service: Serving) -> Adapter:
    """Check an adapter, load it and keep it; a name that stood for another one is moved."""
    check_name(name, service)
    if request.headers.get("content-type") != ZIP:
        raise BadInput("the body is no zip", f"Send the adapter folder zipped, as {ZIP}.")
    home = service.settings.home
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=".upload-") as folder:
        await _receive(request, Path(folder) / "adapter.zip")
        async with service.changing:
            former = service.ready().adapters()
            ref = await _take(Path(folder), name, service)
            await _reset(ref, former, service)
            return shown(ref)


async def _receive(request: Request, path: Path) -> None:
    with path.open("wb") as file:
        async for chunk in request.stream():
            await asyncio.to_thread(file.write, chunk)


async def _take(folder: Path, name: str, service: Service) -> AdapterRef:
    """The engine tries it first; only what it takes is registered."""
    engine, registry = service.ready(), Registry(service.settings.adapters_dir)
    unpacked = folder / "adapter"
    unpacked.mkdir()
    await asyncio.to_thread(archive.unpack, folder / "adapter.zip", unpacked, UNPACKED)
    await engine.load_adapter(await asyncio.to_thread(canonical.open, unpacked, name))
    ref = await asyncio.to_thread(registry.add, unpacked, name)
    await engine.load_adapter(ref)
    service.metrics.adapter_loads.inc()
    return ref


@router.put("/api/adapters/{name}/alias", responses=ERRORS, dependencies=TUNE)
async def alias(name: str, body: Alias, service: Serving) -> Adapter:
    """Let another name mean an adapter as well; the name may have meant another one before."""
    check_name(name, service)
    engine, registry = service.ready(), Registry(service.settings.adapters_dir)
    async with service.changing:
        former = engine.adapters()
        ref = await asyncio.to_thread(registry.alias, name, body.adapter)
        await engine.load_adapter(ref)
        await _reset(ref, former, service)
    return shown(ref)


async def _reset(ref: AdapterRef, former: tuple[AdapterRef, ...], service: Service) -> None:
    """A strength belongs to what a name meant when it was set."""
    if all((one.name, one.sha256) != (ref.name, ref.sha256) for one in former):
        await asyncio.to_thread(service.strengths.forget, ref.name)


@router.put(
    "/api/adapters/{name:path}/strength", responses=ERRORS, status_code=204, dependencies=TUNE
)
async def strength(name: str, body: Strength, service: Serving) -> None:
    """Set the factor on what the adapter adds, for every request that names it from now on, also
    after a restart; a request's own `strength` multiplies it."""
    if name not in [ref.name for ref in service.ready().adapters()]:
        raise UnknownAdapter(f"there is no adapter {name!r} here", "List them first.")
    await asyncio.to_thread(service.strengths.keep, name, body.strength)


@router.delete("/api/adapters/{name:path}", responses=ERRORS, status_code=204, dependencies=TUNE)
async def remove(name: str, service: Serving) -> None:
    """Forget a name. Requests that run on it finish; its files go with its last name."""
    engine, registry = service.ready(), Registry(service.settings.adapters_dir)
    async with service.changing:
        await engine.unload_adapter(name)
        await asyncio.to_thread(service.strengths.forget, name)
        try:
            await asyncio.to_thread(registry.remove, name)
        except UnknownAdapter:
            return  # an example, or one of --adapters: loaded and not registered


def check_name(name: str, service: Service) -> None:
    """Raises BadInput where `name` cannot be an adapter's."""
    if canonical.check_name(name) == service.ready().health().model:
        raise BadInput(f"{name!r} is the base model", "Give the adapter a name of its own.")


def shown(ref: AdapterRef) -> Adapter:
    """As the routes tell of it."""
    return Adapter(name=ref.name, sha256=ref.sha256, base=ref.base, rank=ref.rank, alpha=ref.alpha)
