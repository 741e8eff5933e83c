"""`/api/train`: plan a tuning and start it; `/api/jobs` watches it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import yaml
from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from lemmata.adapters import canonical
from lemmata.errors import BadRecipe
from lemmata.server import recipe_form
from lemmata.server.auth import allow
from lemmata.server.documents import ERRORS
from lemmata.server.openai_types import Strict
from lemmata.server.routes.data import prepared_of
from lemmata.server.routes.jobs import JobBody, body_of, jobs_of
from lemmata.server.service import Service, Serving
from lemmata.train import recipe as recipes

router = APIRouter(tags=["Jobs"], dependencies=[Depends(allow("tune"))])
_SOURCES = ("data", "target", "retention", "replay")
_FILES = ("teacher", "anchor")
_TASK = re.compile(r"task:[\w.\-]+(:\d{1,7})?")
_MODEL = re.compile(r"\w[\w.\-]{0,99}")


class TrainRequest(Strict):
    """`recipe` holds the fields of a recipe (`/api/train/schema`). Its data are `task:NAME:COUNT`
    or `upload:ID`; paths of the server's own are not for clients to name."""

    recipe: dict[str, Any]


class PlanRequest(TrainRequest):
    precision: Literal["fp32", "bf16", "nf4"] = "fp32"
    memory: float | None = Field(None, ge=0.1, le=1e6, description="GiB; else this machine's.")
    tflops: float | None = Field(None, ge=0.001, le=1e6, description="Else measured here.")


class RecipeForm(BaseModel):
    """`recipe` is the JSON schema of a recipe's fields."""

    recipe: dict[str, Any]


@router.get("/api/train/schema", responses=ERRORS)
async def form() -> RecipeForm:
    """The fields of a recipe with their kinds, defaults and meanings."""
    return RecipeForm(recipe=recipe_form.schema())


@router.post("/api/train", responses=ERRORS, status_code=201)
def start(body: TrainRequest, service: Serving) -> JobBody:
    """A job that tunes an adapter; it goes on without page and server."""
    return _start(service, body, "train", ("run",), ())


@router.post("/api/train/plan", responses=ERRORS, status_code=201)
def plan(body: PlanRequest, service: Serving) -> JobBody:
    """A job whose `output` says what a tuning would take: tokens, steps, memory, time."""
    words = ["--precision", body.precision]
    words += ["--memory", str(body.memory)] if body.memory else []
    words += ["--tflops", str(body.tflops)] if body.tflops else []
    return _start(service, body, "plan", ("plan",), tuple(words))


def _start(
    service: Service,
    body: TrainRequest,
    kind: Literal["train", "plan"],
    before: tuple[str, ...],
    after: tuple[str, ...],
) -> JobBody:
    """The recipe is checked and written into the job's folder, by which its run is found again."""
    resolved = recipes.from_fields(_local(body.recipe, service))
    canonical.check_name(resolved.name)
    jobs = jobs_of(service)
    number = jobs.new()
    path = jobs.folder(number) / "recipe.yaml"
    text = yaml.safe_dump(recipes.as_fields(resolved), sort_keys=False, allow_unicode=True)
    path.write_text(text, encoding="utf-8")
    words = ["train", *before, str(path), *after, "--json"]
    return body_of(jobs.start(number, kind, resolved.name, words, {"recipe": body.recipe}))


def _local(fields: Mapping[str, Any], service: Service) -> dict[str, Any]:
    """The fields with uploads as files. Raises BadRecipe for anything that names a path."""
    made = dict(fields)
    for name in _FILES:
        if made.get(name) is not None:
            raise BadRecipe(f"{name} cannot be set over HTTP", "Tune on the command line.")
    if not _MODEL.fullmatch(str(made.get("base", "smollm2-135m"))):
        raise BadRecipe("base is no catalog name", "`lemmata models` shows them.")
    for name in _SOURCES:
        if name in made:
            made[name] = _sources(made[name], service)
    stages = made.get("stages")
    if isinstance(stages, list):
        made["stages"] = [
            {**stage, "data": _sources(stage["data"], service)}
            if isinstance(stage, dict) and "data" in stage
            else stage
            for stage in stages
        ]
    return made


def _sources(given: Any, service: Service) -> list[str]:
    return [_source(str(item), service) for item in (given if isinstance(given, list) else [given])]


def _source(item: str, service: Service) -> str:
    if _TASK.fullmatch(item) or item == recipes.GENERAL:
        return item
    if item.startswith("upload:"):
        return str(prepared_of(service, item.removeprefix("upload:")))
    raise BadRecipe(f"{item!r} is no data", "Name task:NAME:COUNT or upload:ID.")
